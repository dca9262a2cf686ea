"""Measure what pictures of large graphs cost, and write that part of docs/benchmarks.md.

Each measurement is a process of its own, since a process keeps the most memory that it ever had. A
word names the rows to measure: ``tools/large.py svg``; the others stay on the page as they are.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
HEADING = "## Large graphs\n"

Job = Callable[[], Any]


class Row(NamedTuple):
    """A work of `WORKS` with its size, and what it is beside: times that, or with none so much.

    ``time`` and ``memory`` are the bars, of seconds and of bytes where nothing stands beside it.
    """

    title: str
    work: str
    n: int
    beside: str = ""
    time: float | None = None
    memory: float | None = None
    runs: int = 3
    why: str = ""


class Cost(NamedTuple):
    """What a work took: processor time, and the most memory that its process had, in bytes."""

    seconds: float
    memory: float


LOOP = "loop of {} passes of three ops, "
RECORDED = "compute and record"
PICTURES = ("dot", "svg", "png", "html", "mermaid", "text", "alt")
SIZES = (1_000, 10_000, 100_000)
WHY_FOLDED = (
    "Numbering the Variables and reading what each of them holds take a fourth of the time of "
    "computing, finding what repeats a seventh. The bar is from when computing took 2.4 times as "
    "long; the whole takes half of its time of then."
)
WHY_RNN_FOLDED = (
    "Most of it is computing, recording and reading the graph of 3 003 boxes; to know how exact "
    "its numbers are takes two fifths of that."
)
WHY_PAGE = (
    "A page notes each op as it is computed, since nobody knows then how many there will be; of a "
    "graph that is too large for its steps it notes nothing of the pass."
)
WHY_LAYOUT = (
    "Of 3 003 boxes with their arrows, computing, recording and reading the graph take two fifths "
    "of the time, SVG a fourth, the words in the boxes a fifth, and all places a seventh."
)
LAYERS = 63
"""So many layers of a transformer have 2 000 nodes."""

ROWS: tuple[Row, ...] = (
    *(
        Row(
            f"{LOOP.format(f'{n:_}'.replace('_', ' '))}{format}",
            format,
            n,
            RECORDED,
            1.3 if format != "dot" and n == SIZES[-1] else None,
            1.5 if format != "dot" and n == SIZES[-1] else None,
            why=WHY_FOLDED,
        )
        for n in SIZES
        for format in PICTURES
        if n == SIZES[-1] or format in ("svg", "html")
    ),
    Row(f"{LOOP.format('100 000')}html", "html", 100_000, "svg", 1.0, None, 3, WHY_PAGE),
    Row(f"{LOOP.format('333 333')}svg", "svg", 333_333, RECORDED, None, None, 3),
    Row(f"{LOOP.format('1 000')}all nodes as DOT", "all", 1_000, "torchviz"),
    Row(f"{LOOP.format('1 000')}svg", "svg", 1_000, "torchview"),
    Row(f"{LOOP.format('1 000')}svg", "svg", 1_000, "TorchLens"),
    Row("300 steps of an RNN, unfolded, svg", "rnn", 300, "", 0.5, None, 3, WHY_LAYOUT),
    Row("300 steps of an RNN, unfolded, the layout alone", "rnn layout", 300, "", 0.5),
    Row("300 steps of an RNN, folded, svg", "rnn folded", 300, "", 0.5, why=WHY_RNN_FOLDED),
    Row(f"{LAYERS} layers of a transformer of PyTorch, svg", "transformer", LAYERS, "", 3.0),
    Row(
        "bytes an op that recording adds, 100 000 ops",
        "recording",
        100_000,
        memory=100.0,
    ),
)
"""Everything that is measured."""

TEXT = f"""\
{HEADING}
`make bench` measures these rows too (`python tools/large.py`), each in a process of its own: the
processor time after imports and a picture of ten passes, and the most memory that the process had
(`ru_maxrss`), imports and the layout engine included. The loop is `y = sin(y) * a + y`, with the
gradients of all that it computes; its 700 001 nodes at 100 000 passes are drawn as 8. Beside it
stands what computing and recording take alone, in a process that draws nothing. torchviz writes
the DOT of all nodes, torchview and TorchLens make their graph of it, without drawing. Each figure
is the least of its one to three runs.

"""


def loop(n: int) -> Callable[..., Any]:
    """Return the loop as a function of NumPy's, which a function of a user's is, too."""
    import numpy as np

    def looped(x: Any, a: Any) -> Any:
        for _ in range(n):
            x = np.sin(x) * a + x
        return x

    return looped


def computation(n: int) -> Any:
    """Return what is to be computed."""
    from dzviz.pipeline.computation import Computation
    from dzviz.sources.function import PyFunction

    subject = PyFunction("looped", loop(n), ("x", "a"), ())
    return Computation(subject=subject, values={"x": "0.5", "a": "0.9"})


def recorded(n: int) -> Job:
    """Compute and record alone."""
    from dzviz.pipeline.computation import compute

    def job() -> Any:
        run = compute(computation(n))
        run.backward()
        return run

    return job


def picture(format: str, fold: str = "always") -> Callable[[int], Job]:
    """Draw it in a format."""

    def work(n: int) -> Job:
        from dzviz.formats import FORMATS
        from dzviz.options import Layout, Look, View
        from dzviz.pipeline.drawing import prepare

        def job() -> Any:
            view = View(fold=fold)
            drawing = prepare(computation(n), FORMATS[format], Look(), view, Layout())
            return [len(chunk) for chunk in drawing.chunks()]

        return job

    return work


def rnn_drawing(n: int, fold: str) -> Any:
    """Prepare the picture of an RNN of so many steps."""
    from dzviz.formats import FORMATS
    from dzviz.options import Layout, Look, View
    from dzviz.pipeline.computation import Computation
    from dzviz.pipeline.drawing import prepare
    from dzviz.sources.function import load

    loops = Path(__file__).parents[1] / "docs" / "examples" / "loops.py"
    values = {"x": f"randn({n},1,3)", "W": "randn(3,4)", "U": "0.3*randn(4,4)", "b": "zeros(4)"}
    subject: Any = load(f"{loops}:rnn")
    return prepare(
        Computation(subject=subject, values=values),
        FORMATS["svg"],
        Look(style="merged"),
        View(fold=fold, max_nodes=100_000),
        Layout(timeout=600.0),
    )


def rnn(fold: str) -> Callable[[int], Job]:
    """Draw an RNN."""
    return lambda n: lambda: [len(chunk) for chunk in rnn_drawing(n, fold).chunks()]


def rnn_layout(n: int) -> Job:
    """Find the places of all boxes, arrows and labels of an RNN, in pieces by Graphviz."""
    from dzviz.graph.duplicates import spread
    from dzviz.placing.placed import placed
    from dzviz.styles import scene_of

    drawing = rnn_drawing(n, "none")
    scene = scene_of(spread(drawing.graph), drawing.look)
    return lambda: placed(scene, drawing.look, drawing.layout)


def transformer(n: int) -> Job:
    """Draw layers of a transformer of PyTorch as it is drawn if nothing else is asked for."""
    import torch

    from dzviz.formats import FORMATS
    from dzviz.options import Layout, Look, View
    from dzviz.pipeline.computation import Computation
    from dzviz.pipeline.drawing import prepare
    from dzviz.sources.backends import Settings, named_backend
    from dzviz.sources.function import PyFunction

    torch.set_num_threads(1)
    torch.manual_seed(0)
    layers = [torch.nn.TransformerEncoderLayer(8, 2, 16, 0.0, batch_first=True) for _ in range(n)]

    def model(x: Any) -> Any:
        for layer in layers:
            x = layer(x)
        return x.sum()

    backend, settings = named_backend("torch"), Settings()
    subject = PyFunction("model", model, ("x",), (), backend=backend, settings=settings)
    computation = Computation(subject=subject, values={"x": "randn(1,4,8)"})

    def job() -> Any:
        drawing = prepare(computation, FORMATS["svg"], Look(), View(), Layout())
        return [len(chunk) for chunk in drawing.chunks()]

    return job


def recording(n: int) -> Job:
    """Run the pass of a chain with a record; the chain is there before."""
    return passed(n, recorded=True)


def passed(n: int, *, recorded: bool) -> Job:
    """Run the pass of a chain, maybe with a record."""
    import numpy as np

    from dzviz.engine import Recording, Variable, backward

    y = loop(n // 3)(Variable(np.array(0.5)), Variable(np.array(0.9)))

    def job() -> Any:
        record = Recording() if recorded else None
        backward(y, observer=record)
        return record

    return job


def of_torch(draw: Callable[[Any, Any], Any]) -> Callable[[int], Job]:
    """Compute the loop by PyTorch, and draw it by another package."""

    def work(n: int) -> Job:
        import torch

        torch.set_num_threads(1)

        class Loop(torch.nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.a = torch.nn.Parameter(torch.tensor(0.9, dtype=torch.float64))

            def forward(self, x: Any) -> Any:
                for _ in range(n):
                    x = torch.sin(x) * self.a + x
                return x

        x = torch.tensor([0.5], dtype=torch.float64, requires_grad=True)
        return lambda: draw(Loop(), x)

    return work


def torchviz(model: Any, x: Any) -> Any:
    """Write DOT of all that torch keeps."""
    import torchviz

    sys.setrecursionlimit(1_000_000)
    y = model(x)
    y.backward()
    return torchviz.make_dot(y).source


def torchview(model: Any, x: Any) -> Any:
    """Make the graph, and write its DOT."""
    import torchview

    return torchview.draw_graph(model, input_data=x).visual_graph.source


def torchlens(model: Any, x: Any) -> Any:
    """Make a trace of the forward pass."""
    import torchlens

    return torchlens.trace(model, x)


WORKS: dict[str, Callable[[int], Job]] = {
    RECORDED: recorded,
    **{format: picture(format) for format in PICTURES},
    "all": picture("dot", fold="none"),
    "rnn": rnn("none"),
    "rnn folded": rnn("always"),
    "rnn layout": rnn_layout,
    "transformer": transformer,
    "recording": recording,
    "torchviz": of_torch(torchviz),
    "torchview": of_torch(torchview),
    "TorchLens": of_torch(torchlens),
}
"""What is done, by its name."""


def work(name: str, n: int) -> Cost:
    """Do it in this process; of a recording the memory is what is allocated for each op."""
    small = 10 if name != "recording" else 30
    WORKS[name](small)()  # all that is imported
    job = WORKS[name](n)
    if name == "recording":
        return Cost(0.0, (allocated(job) - allocated(passed(n, recorded=False))) / n)
    start = time.process_time()
    kept = job()  # noqa: F841
    seconds = time.process_time() - start
    return Cost(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0)


def allocated(job: Job) -> int:
    """Return how many bytes a job leaves behind."""
    tracemalloc.start()
    kept = job()  # noqa: F841
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return size


def measured(name: str, n: int) -> Cost | None:
    """Do it in a process of its own; None where what it needs is not here."""
    done = subprocess.run(
        [sys.executable, __file__, "--work", name, str(n)],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return Cost(*json.loads(done.stdout.splitlines()[-1])) if not done.returncode else None


def least(costs: list[Cost]) -> Cost:
    """Return the least time and the least memory of some runs."""
    return Cost(min(cost.seconds for cost in costs), min(cost.memory for cost in costs))


HEAD = ("what", "time", "beside it", "", "ratio", "bar", "met", "memory", "", "ratio", "bar", "met")


def line(row: Row, ours: Cost, theirs: Cost | None) -> str:
    """Write a row as one of a table in Markdown."""
    unit = "bytes" if row.work == "recording" else ""
    cells = [row.title, seconds(ours.seconds)]
    cells += [row.beside, "" if theirs is None else seconds(theirs.seconds)]
    cells += judged(ours.seconds, None if theirs is None else theirs.seconds, row.time)
    cells += [(unit and f"{ours.memory:.0f} {unit}") or size(ours.memory)]
    cells += ["" if theirs is None else size(theirs.memory)]
    cells += judged(ours.memory, None if theirs is None else theirs.memory, row.memory)
    return f"| {' | '.join(cells)} |"


def judged(ours: float, theirs: float | None, bar: float | None) -> list[str]:
    """Write a ratio, its bar, and whether it is met."""
    ratio = ours if theirs is None else ours / theirs
    told = "" if theirs is None else f"{ratio:.3g}"
    return [told, *(("", "") if bar is None else (f"{bar:g}", "yes" if ratio <= bar else "no"))]


def seconds(amount: float) -> str:
    """Write a time; nothing where none was taken."""
    return "" if not amount else f"{amount:.3g} s" if amount >= 1 else f"{amount * 1e3:.3g} ms"


def size(amount: float) -> str:
    """Write a size in memory."""
    return f"{amount / 1e6:.0f} MB"


def main(words: list[str], most: int) -> None:
    """Measure rows, and write each into the page as soon as it is known."""
    for row in ROWS:
        if words and not any(word in row.title for word in words):
            continue
        pairs = [
            (measured(row.work, row.n), measured(row.beside, row.n) if row.beside else None)
            for _ in range(min(row.runs, most))
        ]
        ours = [cost for cost, _ in pairs if cost is not None]
        theirs = [cost for _, cost in pairs if cost is not None]
        if not ours or (row.beside and not theirs):
            print(f"{row.title}: {row.beside or row.work} is not here", flush=True)
            continue
        text = line(row, least(ours), least(theirs) if theirs else None)
        print(text, flush=True)
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(with_line(page, text), encoding="utf-8")


def with_line(page: str, text: str) -> str:
    """Return the page with a row that was measured, instead of the one of the same title."""
    before, _, part = page.partition(HEADING)
    known = {key(each): each for each in (*part.splitlines(), text) if each.startswith("| ")}
    found = [
        (row, known[row.title, row.beside]) for row in ROWS if (row.title, row.beside) in known
    ]
    missed: dict[str, list[str]] = {}
    for row, each in found:
        if "| no |" in each:
            missed.setdefault(row.why, []).append(row.title)
    head = [f"| {' | '.join(HEAD)} |", f"|{'---|' * len(HEAD)}"]
    told = [f"- {'; '.join(titles)}. {why}" for why, titles in missed.items()] or ["Nothing."]
    rest = re.search(r"^### The largest costs left\n.*", part, re.DOTALL | re.MULTILINE)
    lines = [*head, *(each for _, each in found), "", "### What is missed there", "", *told]
    end = f"\n{rest[0]}" if rest else ""
    return f"{before.rstrip()}\n\n{TEXT}{chr(10).join(lines)}\n{end}"


def key(line: str) -> tuple[str, str]:
    """Return the title of a row and what stands beside it."""
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    return cells[0], cells[2]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        print(json.dumps(work(sys.argv[2], int(sys.argv[3]))))
    else:
        main(sys.argv[1:], int(os.environ.get("RUNS", "9")))
