"""Measure dzviz beside other packages, side by side, and write docs/benchmarks.md.

It runs in an environment that has them all; ``make bench`` makes one. What is measured, and how
much is allowed, is the table `ROWS`; what the packages do is in `contenders`.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import distributions
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
LARGE = "## Large graphs"
"""What the part of the page begins with that `tools/large.py` writes."""

CONTENDERS = Path(__file__).with_name("contenders.py")
BOOK = Path(sys.prefix) / "book"


class Task(NamedTuple):
    """A work of `contenders` in a process that stays, ``repeat`` times in a row where it is short.

    ``each`` asks for what one operation takes; ``want`` is ``seconds`` or ``bytes``.
    """

    package: str
    work: str
    n: int
    each: bool = False
    collect: bool = True
    want: str = "seconds"
    repeat: int = 1


class Command(NamedTuple):
    """A program from its start to its end; ``{file}`` in it is a file that may be written."""

    package: str
    program: str
    arguments: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()


class Row(NamedTuple):
    """What ours may take: so many times of what theirs takes, or, where there is none, so much.

    Without a ``bar`` it is there to be known. ``runs`` of both are made in turn. ``why`` is printed
    where the bar is missed.
    """

    title: str
    ours: Task | Command
    theirs: Task | Command | None
    bar: float | None
    runs: int = 15
    why: str = ""


WHY_MATRICES = (
    "Nine tenths of it are NumPy's products and exponentials, beside torch's; the rows beside "
    "plain NumPy tell how much is ours."
)
WHY_MICROGRAD = (
    "A value of micrograd is one object with a closure. Ours is two, a Variable and the Function "
    "that made it, with which a graph is drawn, and its number is NumPy's, of which one operation "
    "takes 20 ns more than one of Python's. To be ahead here would take to give up one of them. "
    "With 10000 ops it comes nearer, since the garbage collector has less to look through here."
)
WHY_DERIVATIVE = (
    "Each node of a derivative's graph is a Variable and a Function of Python, made by the same "
    "rule that computes the first derivative. Equal nodes are one: at order 6 that leaves 175 of "
    "307 Functions, where torch has 212 nodes. A pass costs 3 us before its first rule."
)
WHY_START = (
    "125 modules are loaded beside NumPy and click. To find and read them is more than a third of "
    "what is added, to define their classes an eighth; the whole picture is then computed and "
    "written in 3 ms."
)
WHY_SVG = "Two thirds of what is added is the import of wasmtime, which runs Graphviz."
WHY_DOT = (
    "Building and going back take a third of our time, walking through the Variables and reading "
    "their numbers most of the rest. At 1000 ops more than a fourth is the same for any number of "
    "ops: columns of numbers are written by many small calls of NumPy."
)

EXPRESSION = ("sin(x)", "--x", "1.0", "--retain-grad")
DOT = Command("dzviz", "dzviz", EXPRESSION)
ONE_THREAD = (("OPENBLAS_NUM_THREADS", "1"),)
NUMPY_AND_CLICK = Command("numpy, click", "python", ("-c", "import numpy, click"), ONE_THREAD)
CLICK = Command("click", "python", ("-c", "import click"))
COMPLETION = Command(
    "dzviz",
    "dzviz",
    (),
    (("_DZVIZ_COMPLETE", "zsh_complete"), ("COMP_WORDS", "dzviz gr"), ("COMP_CWORD", "1")),
)
TORCHVIZ = Command(
    "torch, torchviz",
    "python",
    (
        "-c",
        "import torch, torchviz; x = torch.tensor(1.0, requires_grad=True); y = torch.sin(x); "
        "y.backward(); print(torchviz.make_dot(y, {'x': x}).source)",
    ),
)

ROWS: tuple[Row, ...] = (
    Row(
        "`dzviz` on sin(x), DOT, beside importing numpy and click",
        DOT,
        NUMPY_AND_CLICK,
        1.15,
        45,
        WHY_START,
    ),
    Row("the same beside torch and torchviz", DOT, TORCHVIZ, 0.1, 5),
    Row("`dzviz --help`", Command("dzviz", "dzviz", ("--help",)), CLICK, 1.5, 30),
    Row("`dzviz --version`", Command("dzviz", "dzviz", ("--version",)), CLICK, 1.5, 30),
    Row("completion of a command by zsh", COMPLETION, CLICK, 1.5, 30),
    Row(
        "`-o sin.svg` beside DOT",
        DOT._replace(arguments=(*EXPRESSION, "-o", "{file}.svg")),
        DOT,
        1.35,
        25,
        WHY_SVG,
    ),
    Row(
        "`-o sin.png` beside DOT",
        DOT._replace(arguments=(*EXPRESSION, "-o", "{file}.png")),
        DOT,
        2.2,
        25,
    ),
    Row(
        "one more SVG of six ops in a process, of other numbers",
        Task("dzviz", "svg", 20, each=True),
        None,
        0.015,
        9,
    ),
    Row(
        "`dzviz batch` of 200 SVGs of four ops, time per SVG",
        Task("dzviz", "batch", 200, each=True),
        None,
        0.01,
        3,
    ),
    *(
        Row(
            f"{title}, {n} ops, there and back",
            Task("dzviz", work, n),
            Task(package, work, n),
            bar,
            (25 if n < 10_000 else 9) if package != "torch" else 40,
            WHY_MICROGRAD if package == "micrograd" else "",
        )
        for title, work, bars in (
            (
                "chain y = sin(y)*a + y",
                "chain",
                (("torch", 0.35), ("book", 0.25), ("autograd", None), ("jax", None)),
            ),
            ("chain y = relu(y)*a + y", "relu chain", (("micrograd", 1.0),)),
            (
                "sum of relu(x*w) for many w",
                "wide",
                (("torch", 0.35), ("book", 0.25), ("micrograd", 1.0)),
            ),
        )
        for n in (1_000, 10_000)
        for package, bar in bars
        if package != "jax" or n == 1_000  # it would take minutes
    ),
    Row(
        "balanced sum of 10000 terms, there and back",
        Task("dzviz", "sum", 10_000),
        Task("book", "sum", 10_000),
        1 / 40,
        9,
    ),
    *(
        Row(
            f"time an op at {n} ops beside 1000, collector {'on' if collect else 'off'}",
            Task("dzviz", "chain", n, each=True, collect=collect),
            Task("dzviz", "chain", 1_000, each=True, collect=collect),
            None if collect else 1.6,
            3 if n == 1_000_000 else 9,
        )
        for collect, n in ((False, 10_000), (False, 1_000_000), (True, 1_000_000))
    ),
    Row(
        "bytes an op of a chain of 10000",
        Task("dzviz", "chain", 10_000, each=True, want="bytes"),
        None,
        600,
        3,
    ),
    *(
        Row(
            f"100 layers of tanh(x @ W), batch 64, width {width}, there and back",
            Task("dzviz", "mlp", width),
            Task(package, "mlp", width),
            bar,
            60,
            WHY_MATRICES,
        )
        for width, package, bar in (
            (64, "torch", 1.0),
            (64, "numpy", None),
            (256, "torch", 1.0),
            (256, "numpy", 1.1),
        )
    ),
    *(
        Row(
            f"derivative number {n} of tanh",
            Task("dzviz", "derivative", n, repeat=50),
            Task(package, "derivative", n, repeat=50),
            bar if n < 6 or bar is None else 0.35,
            30,
            WHY_DERIVATIVE,
        )
        for package, bar in (("torch", 0.5), ("autograd", None))
        for n in range(1, 7)
    ),
    *(
        Row(
            f"chain of {n} ops, there, back and drawn as DOT",
            Task("dzviz", "drawn", n),
            Task(package, "drawn", n),
            bar,
            60 if n < 10_000 else 15,
            WHY_DOT,
        )
        for n in (1_000, 10_000)
        for package, bar in (("torch", 0.2), ("micrograd", 0.1))
    ),
    *(
        Row(
            f"the same, time per op at {n} ops beside 10000, collector off",
            Task("dzviz", "drawn", n, each=True, collect=False),
            Task("dzviz", "drawn", 10_000, each=True, collect=False),
            1.6,
            3,
        )
        for n in (100_000, 1_000_000)
    ),
    Row(
        "DOT of 100000 nodes beside a loop of f-strings",
        Task("dzviz", "lines", 100_000),
        Task("dzviz", "lines loop", 100_000),
        2.0,
        5,
        WHY_DOT,
    ),
)
"""Everything that is measured."""

TEXT = """\
# Benchmarks

`make bench` measures this on your machine. It creates an environment with the packages below and
a wheel of this project, and writes this page again. `make bench BENCH_PYTHON=...` uses an
existing environment. Before the measurements, all packages must agree on every value and
gradient.

## How it is measured

- Each row measures both sides alternately in one run of the tool, so that other load on the
  machine affects both. If the system allows it, both run on the same processor, since two
  processors may differ. Each time is the minimum of its runs; the median and the maximum are in
  brackets. The ratio is the ratio of the minimum times, and the bar is the limit for it.
- A package works in a process that keeps running, with one thread. Its time is processor time,
  which is the time of the clock if nothing else runs. Preparation (the weights of a network, a
  graph that is only drawn) is not timed. Python's garbage collector is on, as usual, unless a row
  says otherwise; it is called once before each run, untimed. Derivatives are taken 50 times per
  run.
- A whole command is measured by the processor time of its process, with compiled modules and a
  warm disk cache. Packages that are only imported may use one thread of BLAS.
- `dzviz batch` runs in one process, as with `--jobs 1`. Two processors share that work with
  `--jobs 2`.
- "There and back" means building the graph and one backward pass. torch computes with float64
  scalars on the processor, and keeps what it needs for the backward pass; it is not made for
  scalars.
- torchviz draws only the structure. micrograd's record has `data` and `grad` for each value. Ours
  has data, gradients and generations, with the gradients of intermediate values retained.
- The book's engine is DeZero from PyPI. It sorts its queue again for each Function that it finds.
- The loop of f-strings starts from the finished graph, and writes a similar line for each node
  and edge, with numbers as `:.4g` and without escaping.

"""


class Workers:
    """The processes of the packages, each started when it is first asked."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.processes: dict[str, subprocess.Popen[str]] = {}

    def measure(self, side: Task | Command) -> float:
        """Run once and return seconds, or bytes; of each operation where asked so."""
        if isinstance(side, Command):
            return self.run(side)
        amount: float = self.ask(side, side.want)
        return amount / side.n if side.each else amount

    def ask(self, task: Task, want: str) -> Any:
        """Have a package do its work, and tell what is wanted of it."""
        if task.package not in self.processes:
            self.processes[task.package] = subprocess.Popen(
                [sys.executable, str(CONTENDERS), task.package],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=environment(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1"),
            )
        process = self.processes[task.package]
        request = {**task._asdict(), "want": want}
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{json.dumps(request)}\n")
        process.stdin.flush()
        reply = process.stdout.readline()
        if not reply:
            raise SystemExit(f"{task.package} ended at {task}")
        return json.loads(reply)

    def run(self, command: Command) -> float:
        """Run a command and return how much of the processor's time it took."""
        program = Path(sys.executable).with_name(command.program)
        file = os.path.join(self.folder, "picture")
        arguments = [argument.replace("{file}", file) for argument in command.arguments]
        start = children()
        subprocess.run(
            [program, *arguments],
            env=environment(**dict(command.environment)),
            stdout=subprocess.DEVNULL,
            check=True,
        )
        return children() - start


@contextmanager
def workers() -> Iterator[Workers]:
    """Have processes for a while."""
    with tempfile.TemporaryDirectory() as folder:
        started = Workers(folder)
        try:
            yield started
        finally:
            for process in started.processes.values():
                process.kill()
                process.wait()


def children() -> float:
    """Return what processes that have ended took of the processor's time."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a process: nothing that changes what Python loads, and ``more``."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "OPENBLAS"))}
    return inherited | more


def disagreements(answers: Mapping[str, Sequence[float]], tolerance: float = 1e-9) -> list[str]:
    """Name the packages whose values or gradients are not those of the first one."""
    (first, expected), *others = answers.items()
    return [
        f"{name} has {list(found)}, {first} has {list(expected)}"
        for name, found in others
        if len(found) != len(expected)
        or any(
            not abs(a - b) <= tolerance * max(1.0, abs(b))
            for a, b in zip(found, expected, strict=True)
        )
    ]


def compare(rows: Sequence[Row], ask: Callable[[Task, str], Any]) -> list[str]:
    """Have each work done by all packages of the table; return where they differ."""
    tasks: dict[tuple[str, int], dict[str, Task]] = {}
    for row in rows:
        for side in (row.ours, row.theirs):
            if isinstance(side, Task):
                kind = (side.work.removesuffix(" loop"), side.n)
                tasks.setdefault(kind, {})[f"{side.package} {side.work}"] = side
    return [
        f"{work} {n}: {difference}"
        for (work, n), group in tasks.items()
        if len(group) > 1
        for difference in disagreements({name: ask(task, "answer") for name, task in group.items()})
    ]


class Result(NamedTuple):
    """A row as it was measured, all runs of both sides."""

    row: Row
    ours: Sequence[float]
    theirs: Sequence[float]

    @property
    def ratio(self) -> float:
        """The least of ours beside the least of theirs; the least itself where they are none."""
        return min(self.ours) / min(self.theirs) if self.theirs else min(self.ours)

    @property
    def met(self) -> str:
        """Whether the bar holds."""
        return "" if self.row.bar is None else "yes" if self.ratio <= self.row.bar else "no"


def run(row: Row, measure: Callable[[Task | Command], float]) -> Result:
    """Measure both sides of a row in turn, after one run each that does not count."""
    sides = [side for side in (row.ours, row.theirs) if side is not None]
    for side in sides:
        measure(side)
    times = [[measure(side) for side in sides] for _ in range(row.runs)]
    ours, *theirs = zip(*times, strict=True)
    return Result(row, ours, theirs[0] if theirs else ())


HEAD = ("what", "dzviz", "beside it", "", "ratio", "bar", "met")


def table(results: Sequence[Result]) -> str:
    """Return the results as a table in Markdown."""
    lines = [f"| {' | '.join(HEAD)} |", f"|{'---|' * len(HEAD)}"]
    for result in results:
        row = result.row
        cells = [
            row.title,
            spread(result.ours, row.ours),
            row.theirs.package if row.theirs else "",
            spread(result.theirs, row.theirs) if row.theirs else "",
            f"{result.ratio:.3g}",
            "" if row.bar is None else f"{row.bar:.3g}",
            result.met,
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def spread(amounts: Sequence[float], side: Task | Command) -> str:
    """Write the least of the runs, with the median and the most."""
    least, middle, most = min(amounts), median(amounts), max(amounts)
    if isinstance(side, Task) and side.want == "bytes":
        return f"{least:.0f} bytes"
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if least >= size or unit == "us":
            return f"{least / size:.3g} {unit} ({middle / size:.3g}, {most / size:.3g})"
    raise AssertionError


def machine() -> str:
    """Say what the page was measured on: processor, Python, packages; nothing that names it."""
    processor = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                processor = line.partition(":")[2].strip()
                break
    wanted = {"numpy", "click", "torch", "torchviz", "torchview", "torchlens", "micrograd"}
    wanted |= {"autograd", "jax", "graphviz"}
    versions = {}
    for package in (*distributions(), *distributions(path=[str(BOOK)])):
        name = package.metadata["Name"].lower()
        if name in wanted:
            versions[name] = f"{name} {package.version}"
        elif name == "dezero":
            versions[name] = f"the book's dezero {package.version}"
    return (
        f"Measured on {processor}, {os.cpu_count()} cores, {platform.system()}, "
        f"{platform.python_implementation()} {platform.python_version()}, "
        f"{', '.join(sorted(versions.values()))}.\n"
    )


def page(results: Sequence[Result], machine: str) -> str:
    """Return the page."""
    missed = [result for result in results if result.met == "no"]
    parts = [TEXT, "## Results\n\n", machine, "\n", table(results), "\n## What is missed\n\n"]
    parts += [
        f"- {result.row.title}, beside {result.row.theirs.package if result.row.theirs else 'it'}: "
        f"{result.ratio:.3g}, and the bar is {result.row.bar:.3g}. {result.row.why}".rstrip()
        + "\n"
        for result in missed
    ]
    return "".join(parts) if missed else "".join([*parts, "Nothing.\n"])


def main() -> None:
    """Compare, measure and write the page."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with workers() as started:
        differences = compare(ROWS, started.ask)
        if differences:
            raise SystemExit("\n".join(["the packages do not agree:", *differences]))
        results = []
        for row in ROWS:
            results.append(run(row, started.measure))
            print(table(results[-1:]).splitlines()[-1], flush=True)
    _, heading, large = PAGE.read_text().partition(LARGE)
    PAGE.write_text(f"{page(results, machine())}\n{heading}{large}")


if __name__ == "__main__":
    main()
