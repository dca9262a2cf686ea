"""Compare byte by byte what two checkouts write: pages' commands, the gallery, examples of all ops.

``python tools/compare.py OLD NEW`` runs with both what OLD shows: the commands of its pages, its
pages with their pictures drawn anew, and examples of its ops in its formats and styles. It tells
how many results there are of each kind, and which differ. Words after OLD and NEW choose the cases
that have one of them in their name. ``make compare BASE=COMMIT`` compares a commit with this one.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import io
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

RICH = (
    ["a = x*x; sum(a*sin(a) + w)", "--x", "[1.2345, 2]", "--w", "1"],
    ["sin(x)*x", "--x", "1", "--retain-grad"],
    ["tanh(x)", "--x", "1", "--order", "2"],
    ["y = x/x; y + z", "--x", "0", "--z", "1"],
    ["sum(tanh(x@W + b))", "--x", "[[1,2]]", "--W", "randn(2,3)", "--b", "zeros(3)"],
    ["-x**2", "--x", "3", "--no-backward"],
)
"""What is drawn in every format and style."""


def main() -> None:
    """Run both, tell what differs, and exit with 1 where something does."""
    if len(sys.argv) < 3:
        sys.exit("usage: python tools/compare.py OLD NEW [WORD]...")
    old, new = (Path(name).resolve() for name in sys.argv[1:3])
    with tempfile.TemporaryDirectory() as folder:
        cases = Path(folder, "cases.json")
        done(start("--cases", old, cases, *sys.argv[3:]))
        written = [Path(folder, side) for side in ("old", "new")]
        runs = [start("--run", *sides, cases) for sides in zip((old, new), written, strict=True)]
        for process in runs:
            done(process)
        before, after = (json.loads(Path(f"{path}.json").read_text()) for path in written)
    different = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    for name in different:
        print(f"differs: {name}")
    kinds, unlike = (
        Counter(name.partition(":")[0] for name in names) for names in (before, different)
    )
    for kind in kinds | unlike:
        print(f"{kind}: {kinds[kind]} results, {unlike[kind]} differ")
    print(f"{kinds.total()} results, {len(different)} differ")
    sys.exit(bool(different))


def start(task: str, checkout: Path, *words: object) -> subprocess.Popen[bytes]:
    """Start a task with a checkout's modules, in a process of its own."""
    return subprocess.Popen(
        [sys.executable, __file__, task, checkout, *map(str, words)],
        env={**os.environ, "PYTHONPATH": f"{checkout}{os.pathsep}{checkout / 'tests'}"},
        stdin=subprocess.DEVNULL,
    )


def done(process: subprocess.Popen[bytes]) -> None:
    """Wait for a task."""
    if process.wait():
        sys.exit(f"{shlex.join(map(str, process.args[1:4]))} ended with {process.returncode}")  # type: ignore[index]


def find(checkout: Path, file: Path, words: list[str]) -> None:
    """Write what to run, as this checkout has it, into a file."""

    def wanted(name: str) -> bool:
        return not words or any(word in name for word in words)

    found = {
        "examples": str(checkout / "docs" / "examples"),
        "pages": [page for page in pages(checkout) if wanted(page[0])],
        "corpus": [case for case in corpus() if wanted(case[0])],
    }
    file.write_text(json.dumps(found))


def pages(checkout: Path) -> Iterator[tuple[str, dict[str, str], list[list[str]]]]:
    """Find the commands of README and docs/ that end and need no shell, and what files they read.

    The page itself is one of them, and the last command draws its pictures anew.
    """
    from support.docs import DOCS, README, TRANSLATIONS

    for page in (README, *TRANSLATIONS, *DOCS):
        lines = [example.command for example in page.examples]
        lines += [line for script in page.scripts for line in script.splitlines()]
        alone = [line for line in lines if line.startswith("dzviz ") and not set("|>&$<") & {*line}]
        ending = [line for line in alone if not line.startswith("dzviz live ")]
        commands = [*(shlex.split(line)[1:] for line in ending), ["embed", "itself.md"]]
        name = page.path.relative_to(checkout).as_posix()
        yield name, {**page.files, "itself.md": page.text}, commands


def corpus() -> Iterator[tuple[str, list[str]]]:
    """Find examples of every op in the formats that are quickly written, and some in all."""
    from importlib import import_module

    import_module("dezero.functions")  # it fills the table of ops
    ops = import_module("dezero.ops").OPS
    from dzviz.formats import FORMATS
    from dzviz.styles import STYLES

    quick = [name for name, format in FORMATS.items() if not format.placed]
    for op in ops.values():
        for expression, examples in op.examples.items():
            for shapes in examples[:2]:
                pairs = zip(variables(expression), shapes, strict=False)
                given = [word for name, shape in pairs for word in (f"--{name}", text(shape))]
                for way in (*quick, "svg"):
                    yield f"{expression} {shapes} {way}", [expression, *given, "-T", way]
    for command in RICH:
        for way in FORMATS:
            for style in STYLES:
                yield f"{command} {way} {style}", [*command, "-T", way, "--style", style]


def variables(expression: str) -> list[str]:
    """Return the names in an expression that get values, as they first occur."""
    nodes = list(ast.walk(ast.parse(expression)))
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    names = [node for node in nodes if isinstance(node, ast.Name) and id(node) not in called]
    names = [name for name in names if name.id not in ("inf", "nan", "pi", "newaxis")]
    return list(dict.fromkeys(n.id for n in sorted(names, key=lambda n: (n.lineno, n.col_offset))))


def text(shape: tuple[int, ...]) -> str:
    """Write an array of a shape, of unlike numbers between 0 and 1."""
    import numpy as np

    size = int(np.prod(shape))
    return json.dumps(np.round(np.linspace(0.31, 0.87, size), 3).reshape(shape).tolist())


def run(checkout: Path, folder: Path, file: Path) -> None:
    """Run the cases of a file in a new folder, and write what came of each beside it."""
    import dzviz

    if Path(dzviz.__file__).parents[1] != checkout:
        sys.exit(f"dzviz is not of {checkout}")
    cases = json.loads(file.read_text())
    found: dict[str, str] = {}
    folder.mkdir()
    with contextlib.chdir(folder):
        for name, files, commands in cases["pages"]:
            shutil.copytree(cases["examples"], "page")
            with contextlib.chdir("page"):
                found |= of_page(name, files, commands)
            shutil.rmtree("page")
        for name, command in cases["corpus"]:
            told = printed([*command, "-q", "-o", "made"])
            found[f"corpus: {name}"] = f"{told} {digest(Path('made'))}"
            Path("made").unlink(missing_ok=True)
    Path(f"{folder}.json").write_text(json.dumps(found))


def of_page(name: str, files: dict[str, str], commands: list[list[str]]) -> dict[str, str]:
    """Run a page's commands here, with the files that it shows."""
    found = {}
    for file, content in files.items():
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        Path(file).write_text(content, encoding="utf-8")
    for command in commands:
        found[f"page: {name}: {shlex.join(command)}"] = printed(command)
    for path in sorted(Path().rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            found[f"file: {name}: {path}"] = digest(path)
    return found


def digest(path: Path) -> str:
    """Return a digest of a file, or of nothing."""
    return hashlib.sha256(path.read_bytes() if path.exists() else b"").hexdigest()


def printed(command: list[str]) -> str:
    """Run a command in this process; return its exit code and a digest of what it prints."""
    from dzviz.cli.main import run as cli

    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    argv, sys.argv = sys.argv, ["dzviz", *command]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code: object = cli(command)
    except SystemExit as end:
        code = end.code
    finally:
        sys.argv = argv
    out.flush()
    err.flush()
    data = out.buffer.getvalue() + b"\0" + err.buffer.getvalue()
    return f"{code} {hashlib.sha256(data).hexdigest()}"


if __name__ == "__main__":
    task, *rest = sys.argv[1:] or [""]
    if task == "--cases":
        find(Path(rest[0]), Path(rest[1]), rest[2:])
    elif task == "--run":
        run(*map(Path, rest))
    else:
        main()
