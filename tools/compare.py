"""Compare byte by byte what two checkouts write: pages' commands, the gallery, examples of all ops.

``python tools/compare.py OTHER`` runs the commands that this checkout knows with both, in every
format, and tells how many results there are and which differ.
"""

from __future__ import annotations

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
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]

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
    other = Path(sys.argv[1]).resolve()
    cases = {"pages": list(pages()), "corpus": list(corpus())}
    mine, theirs = (results(checkout, cases) for checkout in (ROOT, other))
    kinds: dict[str, int] = {}
    for name in mine:
        kinds[name.partition(":")[0]] = kinds.get(name.partition(":")[0], 0) + 1
    print(", ".join(f"{count} of {kind}" for kind, count in kinds.items()))
    different = [name for name in {**mine, **theirs} if mine.get(name) != theirs.get(name)]
    for name in different:
        print(f"differs: {name}")
    print(f"{len(mine)} results, {len(different)} differ")
    sys.exit(bool(different))


def pages() -> Iterator[tuple[str, dict[str, str], list[list[str]]]]:
    """Find the commands of README and docs/ that need no shell, and the files that they read."""
    sys.path.insert(0, str(ROOT / "tests"))
    from support.docs import DOCS, README, TRANSLATIONS

    for page in (README, *TRANSLATIONS, *DOCS):
        lines = [example.command for example in page.examples]
        lines += [line for script in page.scripts for line in script.splitlines()]
        alone = [line for line in lines if line.startswith("dzviz ") and not set("|>&$<") & {*line}]
        yield page.name, page.files, [shlex.split(line)[1:] for line in alone]


def corpus() -> Iterator[tuple[str, list[str]]]:
    """Find examples of every op in the formats that are quickly written, and some in all."""
    sys.path.insert(0, str(ROOT))
    from dzviz.engine import OPS
    from dzviz.formats import FORMATS
    from dzviz.sources.expression import read
    from dzviz.styles import STYLES

    quick = [name for name, format in FORMATS.items() if not format.placed]
    for op in OPS.values():
        for expression, examples in op.examples.items():
            for shapes in examples[:2]:
                names = read(expression).names
                given = [
                    w for x, s in zip(names, shapes, strict=False) for w in (f"--{x}", text(s))
                ]
                ways = [*quick, "svg"]
                for way in ways:
                    yield f"{expression} {shapes} {way}", [expression, *given, "-T", way]
    for command in RICH:
        for way in FORMATS:
            for style in STYLES:
                yield f"{command} {way} {style}", [*command, "-T", way, "--style", style]


def text(shape: tuple[int, ...]) -> str:
    """Write an array of a shape, of unlike numbers between 0 and 1."""
    import numpy as np

    size = int(np.prod(shape))
    return json.dumps(np.round(np.linspace(0.31, 0.87, size), 3).reshape(shape).tolist())


def results(checkout: Path, cases: dict[str, list[object]]) -> dict[str, str]:
    """Run all cases with a checkout, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder, "cases.json")
        told.write_text(json.dumps(cases))
        subprocess.run(
            [sys.executable, __file__, "--run", folder],
            env={**os.environ, "PYTHONPATH": str(checkout), "DZVIZ_CHECKOUT": str(checkout)},
            stdin=subprocess.DEVNULL,
            check=True,
        )
        found: dict[str, str] = json.loads(Path(folder, "results.json").read_text())
        return found


def run(folder: Path) -> None:
    """Run the cases of a folder, and write what came of each there."""
    import dzviz

    here = Path(os.environ["DZVIZ_CHECKOUT"])
    if Path(dzviz.__file__).parents[1] != here:
        sys.exit(f"dzviz is not of {here}")
    cases = json.loads((folder / "cases.json").read_text())
    found = {}
    for name, files, commands in cases["pages"]:
        place = folder / "page"
        shutil.copytree(ROOT / "docs" / "examples", place)
        for file, content in files.items():
            (place / file).parent.mkdir(parents=True, exist_ok=True)
            (place / file).write_text(content, encoding="utf-8")
        with contextlib.chdir(place):
            for command in commands:
                found[f"page: {name}: {shlex.join(command)}"] = printed(command)
        for path in sorted(place.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                key = f"file: {name}: {path.relative_to(place)}"
                found[key] = hashlib.sha256(path.read_bytes()).hexdigest()
        shutil.rmtree(place)
    with contextlib.chdir(folder):
        for name, command in cases["corpus"]:
            Path("made").unlink(missing_ok=True)
            told = printed([*command, "-q", "-o", "made"])
            made = Path("made").read_bytes() if Path("made").exists() else b""
            found[f"corpus: {name}"] = f"{told} {hashlib.sha256(made).hexdigest()}"
    (folder / "results.json").write_text(json.dumps(found))


def printed(command: list[str]) -> str:
    """Run a command in this process; return its exit code and a digest of what it prints."""
    from dzviz.cli.main import run as cli

    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    argv, sys.argv = sys.argv, ["dzviz", *command]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = cli(command)
    except SystemExit as end:
        code = end.code
    finally:
        sys.argv = argv
    out.flush(), err.flush()
    data = out.buffer.getvalue() + b"\0" + err.buffer.getvalue()
    return f"{code} {hashlib.sha256(data).hexdigest()}"


if __name__ == "__main__":
    if sys.argv[1] == "--run":
        run(Path(sys.argv[2]))
    else:
        main()
