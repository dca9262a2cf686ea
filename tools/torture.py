"""Torture the command: its calls fail, its streams are odd, it is stopped, killed and crowded.

A round prints what it did; a broken promise is reported and makes the exit code 1.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.faults import FAULTS, REASONS, SIGNALS, Server, server, temporaries  # noqa: E402
from support.streams import STREAMS, picture_of, try_stream  # noqa: E402
from support.tools import find_tool  # noqa: E402
from support.writers import (  # noqa: E402
    WRITERS,
    Tree,
    Writer,
    attempt,
    env_of,
    is_whole,
    judge,
    plant,
    read,
    suited,
)

from dzviz.cli.output import LITTER  # noqa: E402
from dzviz.formats import FORMATS  # noqa: E402


class Round(NamedTuple):
    """What a round is given: a folder for itself, chance, how often, and whom to tell."""

    folder: Path
    rng: random.Random
    runs: int
    only: str
    tell: Callable[[str], None]


def calls(given: Round) -> str:
    """Let every call of every writer fail in turn.

    It fails for one of the system's reasons, and a signal comes before it; with ``--runs`` it is
    every reason and every signal. From each that writes on the disk is full. Engines and other
    programs fail in each of their ways.
    """
    ends: Counter[int] = Counter()
    writers = points = 0
    with server(given.folder) as served:
        for number, (name, writer) in enumerate(chosen(given)):
            clean = attempt(served, given.folder / "run", writer)
            if clean.outcome.code not in writer.kept:
                given.tell(f"{name}: it fails by itself: {clean.outcome}")
                continue
            for problem in judge(writer, clean, clean):
                given.tell(f"{name}: {problem}")
            print(f"  {name}: {len(clean.outcome.calls)} calls", flush=True)
            writers += 1
            points += len(clean.outcome.calls)
            for turn, call in enumerate(clean.outcome.calls):
                for fault in faults(number + turn, every=bool(given.runs)):
                    if not suited(writer, fault, call):
                        continue
                    run = attempt(served, given.folder / "run", writer, fault, turn)
                    ends[run.outcome.code] += 1
                    for problem in judge(writer, clean, run, fault):
                        given.tell(f"{name}: {fault} at {turn}, {call}: {problem}")
    return f"{writers} commands, {points} calls, {ends.total()} failures; {told(ends)}"


def faults(number: int, *, every: bool) -> list[str]:
    """Return how a call fails: in every way, or by one reason and one signal in turn."""
    turn = {REASONS[number % len(REASONS)], SIGNALS[number % len(SIGNALS)]}
    return [way for way in FAULTS if every or way in turn or way not in (*REASONS, *SIGNALS)]


def streams(given: Round) -> str:
    """Write every format to every odd stream."""
    tried = 0
    with server(given.folder) as served:
        here = given.folder / "here"
        here.mkdir()
        for format in FORMATS:
            expected = served.run(picture_of(format), here, env={"LC_ALL": "C"}).out
            for name in STREAMS:
                if given.only not in f"{format}: {name}":
                    continue
                tried += 1
                for problem in try_stream(served, given.folder / "run", format, name, expected):
                    given.tell(f"{format}: {name}: {problem}")
    return f"{len(FORMATS)} formats, {len(STREAMS)} streams, {tried} runs"


def signals(given: Round) -> str:
    """Send each signal at a random moment to real processes of every format."""
    ends: Counter[str] = Counter()
    for name, writer in chosen(given):
        plant(folder := given.folder / "run", writer.old)
        with started(writer, folder) as process:
            whole = process.communicate()[0]
        clean = read(folder)
        seconds = duration(writer, given.folder / "time")
        shutil.rmtree(folder)
        for turn in range(given.runs or 12):
            signum = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)[turn % 3]
            plant(folder, writer.old)
            with started(writer, folder) as process:
                time.sleep(given.rng.uniform(0, seconds))
                process.send_signal(signum)
                out, err = process.communicate()
            ends[end := ended(process.returncode, err)] += 1
            after = read(folder)
            shutil.rmtree(folder)
            files = [after.get(key) in (writer.old.get(key), clean[key]) for key in clean]
            if end == "wrong" or not all(files) or set(after) - set(clean) - set(writer.old):
                given.tell(f"{name}: {signum.name}: exit {process.returncode} {err!r} {set(after)}")
            if not whole.startswith(out) and "--open" not in writer.args:
                given.tell(f"{name}: {signum.name}: stdout {out[:80]!r}")
            if left := orphans():
                given.tell(f"{name}: {signum.name}: {left} processes are left")
    return f"{ends.total()} runs; {told(ends)}"


def ended(code: int, err: bytes) -> str:
    """Say how a process ended that got a signal; "wrong" if that is not as it should be."""
    text = err.decode(errors="replace")
    if "KeyboardInterrupt" in text and str(ROOT / "dzviz") not in text:
        return "stopped while Python started, with its own traceback"
    if code < 0:
        return "died of it, without a word" if not err else "wrong"
    return "was done before" if code in (0, 1) and b"Traceback" not in err else "wrong"


KILLED = ("svg over a file", "png over a file", "frames, a new folder", "embed")


def kills(given: Round) -> str:
    """Kill -9 runs that write over the same files, and see that these are always whole.

    Half of the kills come at a random moment, half of them when a temporary file is there.
    """
    said = []
    with server(given.folder) as served:
        for name in KILLED:
            if given.only in name:
                said.append(f"{name}: {kill(given, served, name)}")
    return "\n  ".join(["", *said])


def kill(given: Round, served: Server, name: str) -> str:
    """Kill the runs of one writer."""
    writer, folder = WRITERS[name], given.folder / "run"
    done, clean = attempt(served, folder, writer)
    assert done.code == 0, done.err
    begin = time.monotonic()
    for _ in range(5):
        attempt(served, folder, writer)
    seconds = (time.monotonic() - begin) / 5
    made = [key for key in clean if key not in writer.old]
    ends: Counter[str] = Counter()
    plant(folder, writer.old)

    def run(kill: tuple[bool, float] | None) -> str:
        """Run it over the old files, and say what became of them."""
        for path in (folder / key for key in made):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        for key, data in writer.old.items():
            (folder / key).write_bytes(data or b"")
        served.run(writer.args, folder, env=env_of(writer, folder), kill=kill)
        return state_of(writer, clean, read(folder))

    for turn in range(given.runs or 500):
        late = turn % 2 == 1
        ends[end := run((late, given.rng.uniform(0, 0.004 if late else seconds)))] += 1
        if end == "torn":
            given.tell(f"{name}: a file is torn: {read(folder)}")
    left = temporaries(folder)
    for path in left:
        os.utime(folder / path, (0, time.time() - LITTER - 60))
    if run(None) != "new" or temporaries(folder):
        given.tell(f"{name}: the next run left {sorted(read(folder))}")
    shutil.rmtree(folder)
    return f"{told(ends)}; {len(left)} temporaries, which the next run removed"


def state_of(writer: Writer, clean: Tree, after: Tree) -> str:
    """Say whether the files are the old or the new ones; read them as a reader would, too."""
    states = set()
    for key in {*clean, *writer.old}:
        now = after.get(key, b"missing")
        if now == clean.get(key, b"missing"):
            suffix = Path(key).suffix
            states.add("new" if suffix not in (".svg", ".png") or is_whole(key, now) else "torn")
        elif now == writer.old.get(key, b"missing"):
            states.add("old")
        else:
            states.add("torn")
    if "torn" in states or (writer.whole and len(states) > 1):
        return "torn"
    return "old" if states == {"old"} else "new" if states == {"new"} else "some new"


CROWDED = {
    "svg over a file": False,
    "png over a file": False,
    "frames, a new folder": False,
    "embed": False,
    "a new file": True,
}
"""Which writers there are many of at once, and whether they find nothing compiled yet."""


def crowd(given: Round) -> str:
    """Run 50 processes at once that write the same files; once with nothing compiled yet."""
    said = []
    for name, cold in CROWDED.items():
        if given.only not in name:
            continue
        args = WRITERS[name].args
        if args[0] != "embed":  # Fifty compilations at once take longer than one may.
            args = [*args, "--layout-timeout", "600"]
        writer = WRITERS[name]._replace(args=args)
        plant(given.folder / "clean", writer.old)
        with started(writer, given.folder / "clean") as process:
            process.communicate()
        clean = read(given.folder / "clean")
        shutil.rmtree(given.folder / "clean")
        plant(folder := given.folder / "run", writer.old)
        env = {"XDG_CACHE_HOME": str(given.folder / "cache")} if cold else {}
        processes = [started(writer, folder, **env) for _ in range(given.runs or 50)]
        while any(process.poll() is None for process in processes):
            if state_of(writer, clean, read_all(folder)) == "torn":
                given.tell(f"{name}: a file is torn")
            time.sleep(0.05)
        ends: Counter[int] = Counter()
        for process in processes:
            err = process.communicate()[1].decode()
            ends[process.returncode] += 1
            # One of them makes the folder of frames; it is full for the others.
            late = "--frames" in args and process.returncode == 6
            if process.returncode and not (late and err.count("dzviz: error: ") == 1):
                given.tell(f"{name}: exit {process.returncode}: {err}")
        if temporaries(folder) or state_of(writer, clean, read(folder)) != "new" or not ends[0]:
            given.tell(f"{name}: there is {sorted(read(folder))}")
        said.append(f"{name}{', nothing compiled' * cold}: {told(ends)}")
        shutil.rmtree(folder)
    return "\n  ".join(["", *said])


def read_all(folder: Path) -> dict[str, bytes | None]:
    """Read a folder in which files come and go; what is temporary is left out."""
    while True:
        with suppress(FileNotFoundError):
            return {key: data for key, data in read(folder).items() if ".dzviz-" not in key}


SECRET = "4321"
WAYS_IN = {
    "a value": "x --x @data/x.csv -T text",
    "a value, its file": "x --x @x.csv -T text",
    "a graph": "--graph data/g.json -T text",
    "a function": "--py-function data/m.py:f --x 1 -T text",
    "a picture": "x --x 1 -o p/a.svg",
    "a picture, its file": "x --x 1 -o a.svg",
}
"""Ways of a document to a file."""

SWAPPED = {
    "data": "../outside",
    "p": "../outside",
    "x.csv": "../outside/x.csv",
    "a.svg": "../outside/a.svg",
}
"""What is exchanged for a link that leads out, and back again, all the while."""

SWAPPING = """
import os, sys
swapped = eval(sys.argv[1])
for name, target in swapped.items():
    os.symlink(target, f"{name}.link")
print(flush=True)
while True:
    for name in swapped:
        for new, old in ((f"{name}.link", f"{name}.own"), (f"{name}.own", f"{name}.link")):
            try:
                os.rename(name, old)
            except FileNotFoundError:
                pass
            try:
                os.rename(new, name)
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError, OSError):
                pass
"""


def races(given: Round) -> str:
    """Exchange what documents name for links that lead out while they are drawn."""
    ends: Counter[str] = Counter()
    docs, outside = given.folder / "docs", given.folder / "outside"
    with server(given.folder) as served:
        for name, command in WAYS_IN.items():
            if given.only not in name:
                continue
            for turn in range(given.runs or 50):
                _furnish(docs, outside)
                before = read(outside)
                (docs / "a.md").write_text(f"<!-- dzviz {command} -->\n<!-- /dzviz -->\n")
                swapping = subprocess.Popen(
                    [sys.executable, "-c", SWAPPING, repr(SWAPPED)],
                    cwd=docs,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
                assert swapping.stdout
                swapping.stdout.readline()
                outcome = served.run(["embed", "--allow-python", "a.md"], docs)
                swapping.kill()
                swapping.communicate()
                ends[f"exit {outcome.code}"] += 1
                said = outcome.out.decode() + outcome.err + (docs / "a.md").read_text()
                if read(outside) != before:
                    given.tell(f"{name}, run {turn}: {sorted(read(outside))} is outside")
                if SECRET in said or "Traceback" in said:
                    given.tell(f"{name}, run {turn}: {said[-400:]}")
                shutil.rmtree(docs)
                shutil.rmtree(outside)
    return f"{ends.total()} runs; {told(ends)}"


def _furnish(docs: Path, outside: Path) -> None:
    """Make a folder of documents, and one beside it with the same names and the secret."""
    for folder, number in ((docs / "data", "1"), (outside, SECRET)):
        folder.mkdir(parents=True)
        (folder / "x.csv").write_text(number)
        (folder / "g.json").write_text(f'{{"nodes": [{{"id": "x", "data": {number}}}]}}')
        (folder / "m.py").write_text(f"def f(x): return x * {number}\n")
    (docs / "p").mkdir()
    (docs / "x.csv").write_text("1")


def chosen(given: Round) -> Iterator[tuple[str, Writer]]:
    """Yield the writers that are asked for, and can be tried on this machine."""
    for name, writer in WRITERS.items():
        if given.only in name and all(map(find_tool, writer.needs)):
            yield name, writer


def started(writer: Writer, folder: Path, **env: str) -> subprocess.Popen[bytes]:
    """Start a real process, with its stdin written."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dzviz", *writer.args],
        cwd=folder,
        env={**os.environ, **env_of(writer, folder), "PYTHONPATH": str(ROOT), **env},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin
    with suppress(BrokenPipeError):
        process.stdin.write(writer.stdin)
        process.stdin.close()
    process.stdin = None
    return process


def duration(writer: Writer, folder: Path) -> float:
    """Measure how long a writer takes on this machine, as it is now."""
    worst = 0.0
    for _ in range(3):
        plant(folder, writer.old)
        begin = time.monotonic()
        with started(writer, folder) as process:
            process.communicate()
        worst = max(worst, time.monotonic() - begin)
        shutil.rmtree(folder)
    return worst


def orphans() -> int:
    """Count the processes that were left to this one, and end them."""
    end = time.monotonic() + 1
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    while (pids := children.read_text().split()) and time.monotonic() < end:
        with suppress(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)
        time.sleep(0.01)
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)
    return len(pids)


def told(counts: Counter) -> str:
    """Say what happened how often."""
    names = {0: "exit 0"} | {code: f"exit {code}" for code in range(1, 256)}
    return ", ".join(
        f"{often} {key if isinstance(key, str) else names.get(key) or signal.Signals(-key).name}"
        for key, often in counts.most_common()
    )


ROUNDS: Mapping[str, Callable[[Round], str]] = {
    "calls": calls,
    "streams": streams,
    "signals": signals,
    "kills": kills,
    "crowd": crowd,
    "races": races,
}
"""The rounds by their names; the function's docstring says what it does."""


def main(args: Sequence[str] | None = None) -> int:
    """Run the rounds that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--runs", type=int, default=0, help="how often, instead of the usual")
    parser.add_argument("--only", default="", help="what has this in its name")
    parser.add_argument("rounds", nargs="*", default=[], help=f"of {', '.join(ROUNDS)}")
    options = parser.parse_args(args)
    wrong: list[str] = []

    def tell(problem: str) -> None:
        wrong.append(problem)
        print(f"  {problem}", file=sys.stderr, flush=True)

    ctypes.CDLL(None).prctl(36, 1)  # Orphans become children of this process.
    for name in options.rounds or ROUNDS:
        begin, before = time.monotonic(), len(wrong)
        with tempfile.TemporaryDirectory(prefix="torture-") as folder:
            given = Round(
                Path(folder), random.Random(options.seed), options.runs, options.only, tell
            )
            figures = ROUNDS[name](given)
        seconds = time.monotonic() - begin
        print(f"{name}: {len(wrong) - before} wrong, {seconds:.0f} s: {figures}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
