"""Every way in which the command writes: what is there before, and what is there after.

A `Writer` is a command line with the folder it runs in; `judge` says what is wrong with how it
ended, whatever failed on the way.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple
from xml.etree import ElementTree

from support.faults import FILLING, PROGRAMS, Outcome, Server

from dzviz.formats import FORMATS

Tree = Mapping[str, bytes | None]
"""The files of a folder and what is in them; None for a folder."""

OLD = {
    ".svg": b"<svg><!-- old --></svg>",
    ".png": b"\x89PNG\r\n\x1a\nold",
    ".gif": b"GIF89a old",
}
EXPRESSION = ("a = x**2; a*sin(a)", "--x", "3")
FILM = ("-x", "--x", "3")
DOCUMENT = b"""# A page

<!-- dzviz "sin(x)" --x 1.0 -T mermaid -->
<!-- /dzviz -->

<!-- dzviz "x**2" --x 3 -o img/square.svg --theme light,dark -->
<!-- /dzviz -->
"""
READER = b"""<!-- dzviz "sum(x)" --x @x.csv -T text -->
<!-- /dzviz -->

<!-- dzviz "sum(x)" --x @w.csv -o there/w.svg -->
<!-- /dzviz -->

<!-- dzviz --graph g.json -o img/g.svg -->
<!-- /dzviz -->

<!-- dzviz --py-function m.py:f --x 2 -T text -->
<!-- /dzviz -->
"""
GRAPH = b'{"nodes": [{"id": "x", "data": 1.5}]}'
LINES = b'one: "sin(x)" --x 1\ntwo.dot: "x*x" --x 2\nthree.png: "exp(x)" --x 1\n'
VIEWER = b"#!/bin/sh\nexit 0\n"


class Writer(NamedTuple):
    """A command line, the files of its folder, and what it promises.

    ``whole``: all of its files are as they were, or all are as they are to be; else that goes for
    each alone. ``moved``: its files are moved one by one, and SIGKILL in between leaves some new.
    ``loose``: the picture may be another where an engine or a font fails. ``kept`` are
    exit codes that are no failure.
    """

    args: Sequence[str]
    old: Tree = MappingProxyType({})
    whole: bool = True
    moved: bool = False
    loose: bool = False
    stdin: bytes = b""
    kept: tuple[int, ...] = (0,)
    needs: tuple[str, ...] = ()


def _of_formats() -> dict[str, Writer]:
    writers = {}
    for name, format in FORMATS.items():
        args = FILM if format.film else EXPRESSION
        suffix = format.suffixes[0] if format.suffixes else ".svg"
        old = {f"out{suffix}": OLD.get(suffix, b"old\n")}
        writers[f"{name} over a file"] = Writer([*args, "-T", name, "-o", f"out{suffix}"], old)
        writers[f"{name} to stdout"] = Writer([*args, "-T", name])
    return writers


WRITERS: Mapping[str, Writer] = {
    **_of_formats(),
    "a new file": Writer([*EXPRESSION, "-o", "out.svg"]),
    "through a link": Writer(
        [*EXPRESSION, "-o", "link.svg"], {"link.svg": b"-> out.svg", "out.svg": OLD[".svg"]}
    ),
    "frames, a new folder": Writer([*FILM, "--frames", "steps"]),
    "frames, an empty folder": Writer(
        [*FILM, "--frames", "steps", "-T", "png"], {"steps": None}, moved=True
    ),
    "frames, a PDF": Writer([*FILM, "--frames", "steps.pdf"], {"steps.pdf": b"%PDF-old"}),
    "trace": Writer(["trace", *EXPRESSION, "-o", "out.txt"], {"out.txt": b"old\n"}),
    "trace to stdout": Writer(["trace", *EXPRESSION, "-T", "json"]),
    "grad": Writer(["grad", *EXPRESSION]),
    "gradcheck": Writer(["gradcheck", *EXPRESSION]),
    "lint": Writer(["lint", "log(1 + x)"], kept=(1,)),
    "lint --fix": Writer(["lint", "-f", "f.txt", "--fix"], {"f.txt": b"log(1 + x)\n"}),
    "flow": Writer(["flow", *EXPRESSION]),
    "flow over a file": Writer(["flow", *EXPRESSION, "-o", "out.svg"], {"out.svg": OLD[".svg"]}),
    "gradcheck over a file": Writer(
        ["gradcheck", *EXPRESSION, "-o", "out.svg"], {"out.svg": OLD[".svg"]}
    ),
    "why": Writer(["why", *EXPRESSION]),
    "why over a file": Writer(["why", *EXPRESSION, "-o", "out.svg"], {"out.svg": OLD[".svg"]}),
    "ops": Writer(["ops"]),
    "embed": Writer(
        ["embed", "a.md", "b.md"],
        {"a.md": DOCUMENT, "b.md": DOCUMENT.replace(b"square", b"other")},
        whole=False,
    ),
    "embed, of other files": Writer(
        ["embed", "--allow-python", "docs/a.md", "--root", "docs"],
        {
            "docs": None,
            "docs/a.md": READER,
            "docs/x.csv": b"1,2\n",
            "docs/w.csv": b"-> x.csv",
            "docs/g.json": GRAPH,
            "docs/m.py": b"def f(x):\n    return x * x\n",
            "docs/there": b"-> img",
            "docs/img": None,
            "docs/dzviz.toml": b"precision = 2\n",
        },
        whole=False,
    ),
    "embed --check": Writer(["embed", "--check", "a.md"], {"a.md": DOCUMENT}, kept=(1,)),
    "embed --diff": Writer(["embed", "--diff", "a.md"], {"a.md": DOCUMENT}),
    "batch": Writer(["batch", "lines", "--output-dir", "new"], {"lines": LINES}, whole=False),
    "batch of stdin": Writer(
        ["batch", "-"],
        {"one.svg": OLD[".svg"], "dzviz.toml": b"theme = 'dark'\n"},
        False,
        stdin=LINES,
    ),
    "--open": Writer([*EXPRESSION, "--open"], {"bin": None, "bin/xdg-open": VIEWER}, whole=False),
    "-o --open": Writer(
        [*EXPRESSION, "-o", "out.svg", "--open"],
        {"bin": None, "bin/xdg-open": VIEWER, "out.svg": OLD[".svg"]},
        whole=False,
    ),
    "a value from a file": Writer(
        ["sum(x)", "--x", "@x.csv", "-o", "out.svg"], {"x.csv": b"1,2\n3,4\n"}
    ),
    "a value through links": Writer(
        ["sum(x)", "--x", "@there/x.csv", "-o", "away/out.svg"],
        {
            "data": None,
            "data/x.csv": b"1,2\n3,4\n",
            "there": b"-> data",
            "out": None,
            "out/out.svg": OLD[".svg"],
            "away": b"-> out",
        },
    ),
    "a graph from a file": Writer(["--graph", "g.json", "-o", "out.svg"], {"g.json": GRAPH}),
    "an expression from a file": Writer(
        ["--file", "f.txt", "--x", "1", "-o", "out.svg"], {"f.txt": b"sin(x)\n"}
    ),
    "an expression from stdin": Writer(
        ["--file", "-", "--x", "1", "-o", "out.svg"], stdin=b"sin(x)\n"
    ),
    "a function": Writer(
        ["--py-function", "model.py:f", "--x", "1", "-o", "out.svg"],
        {"model.py": b"def f(x):\n    return x * x\n"},
    ),
    "options from a file": Writer(
        [*EXPRESSION, "--config", "my.toml", "-o", "out.svg"], {"my.toml": b"theme = 'dark'\n"}
    ),
    "another font": Writer(
        ["日本 * 2", "--日本", "1", "-o", "out.png"], {"out.png": OLD[".png"]}, loose=True
    ),
    "the engine dot": Writer(
        [*EXPRESSION, "--engine", "dot", "--layout-timeout", "3", "-o", "out.svg"],
        {"out.svg": OLD[".svg"]},
        needs=("dot",),
    ),
    "the engine pygraphviz": Writer(
        [*EXPRESSION, "--engine", "pygraphviz", "--layout-timeout", "3", "-o", "out.svg"],
        {"out.svg": OLD[".svg"]},
        needs=("pygraphviz",),
    ),
    "the engine inside": Writer(
        [*EXPRESSION, "--engine", "wasm", "--layout-timeout", "3", "-o", "out.svg"],
        {"out.svg": OLD[".svg"]},
    ),
    "the next engine": Writer(
        [*EXPRESSION, "--layout-timeout", "3", "-o", "out.svg"],
        {"out.svg": OLD[".svg"]},
        loose=True,
        needs=("dot",),
    ),
    "a large picture": Writer(
        ["sin(" * 25 + "x" + ")" * 25, "--x", "1", "--max-nodes", "999", "-o", "out.png"],
        {"out.png": OLD[".png"]},
    ),
}
"""What is tortured, by the name in reports; a new format is in it."""


def plant(folder: Path, tree: Tree) -> None:
    """Make the folder with these files in it."""
    folder.mkdir()
    for name, data in tree.items():
        path = folder / name
        if data is None:
            path.mkdir()
        elif data.startswith(b"-> "):
            path.symlink_to(data.removeprefix(b"-> ").decode())
        else:
            path.write_bytes(data)
            if data.startswith(b"#!"):
                path.chmod(0o755)


class Run(NamedTuple):
    """How a command ended, and the files after it."""

    outcome: Outcome
    after: Tree


def attempt(server: Server, folder: Path, writer: Writer, fault: str = "", turn: int = 0) -> Run:
    """Run a writer in a new folder, whose files are gone afterwards."""
    plant(folder, writer.old)
    try:
        outcome = server.run(
            writer.args, folder, fault, turn, stdin=writer.stdin, env=env_of(writer, folder)
        )
        return Run(outcome, read(folder))
    finally:
        shutil.rmtree(folder)


def read(folder: Path) -> dict[str, bytes | None]:
    """Return the files of the folder."""
    tree: dict[str, bytes | None] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            data: bytes | None = f"-> {path.readlink()}".encode()
        else:
            data = path.read_bytes() if path.is_file() else None
        tree[_plain(os.fsencode(path.relative_to(folder))).decode()] = data
    return tree


def env_of(writer: Writer, folder: Path) -> dict[str, str]:
    """Return the environment of a writer: its viewer, its folder for what is temporary."""
    return {
        "DZVIZ_ENGINE": "auto" if writer.loose else "wasm",
        "DZVIZ_FONT": "",
        "LC_ALL": "C",
        "PATH": f"{folder}/bin:{os.environ['PATH']}",
        "TMPDIR": str(folder),
    }


def suited(writer: Writer, fault: str, call: str) -> bool:
    """Whether a call can fail in this way, and where it hangs is waited for shortly."""
    if fault == "short":
        return call.startswith("os.write")
    if fault == "full":
        return call.startswith(FILLING)
    if fault not in PROGRAMS:
        return True
    if fault == "timeout" and "--layout-timeout" not in writer.args:
        return call.startswith("subprocess.") and "--open" in writer.args
    return call.startswith(("subprocess.", "wasmtime."))


def judge(writer: Writer, clean: Run, run: Run, fault: str = "") -> list[str]:
    """Say what is wrong with a run in which something failed; in ``clean`` nothing did."""
    outcome, after = run
    code, failed = outcome.code, outcome.code not in writer.kept
    signum = getattr(signal, fault) if fault.startswith("SIG") else 0
    ends = {-signum} if signum else {2, 3, 4, 5, 6, -signal.SIGPIPE}
    if fault not in ("EPIPE", "deaf"):
        ends.discard(-signal.SIGPIPE)
    wrong = []
    if failed and code not in ends:
        wrong.append(f"exit {code}")
    lines = outcome.err.splitlines()
    errors = [line for line in lines if line.startswith("dzviz: error: ")]
    if "Traceback" in outcome.err:
        wrong.append(f"a traceback: {lines[-1]}")
    elif not all(line.startswith(("dzviz: ", "hint: ", "  ")) for line in lines):
        wrong.append(f"said {outcome.err!r}")
    elif (
        (failed and code > 0) != (len(errors) == 1)
        and not (fault == "full" and errors)
        and not any("os.write '2'" in call for call in outcome.struck)
    ):
        wrong.append(f"{len(errors)} errors, exit {code}: {outcome.err!r}")
    if code == 6 and errors and not re.search("stdout|viewer|'.+'", errors[0]):
        wrong.append(f"names no file: {errors[0]}")
    if outcome.orphans and "--open" not in writer.args:  # a viewer may go on
        wrong.append(f"{outcome.orphans} orphans")
    # stdout
    whole_out = clean.outcome.out
    out = _plain(outcome.out)
    if not failed and out != _plain(whole_out) and not writer.loose:
        wrong.append(f"another stdout: {out[:80]!r}")
    if failed and out and not _plain(whole_out).startswith(out):
        wrong.append(f"stdout is not empty: {out[:80]!r}")
    # files
    litter = sorted(set(after) - set(writer.old) - set(clean.after))
    if litter and fault != "SIGKILL":
        wrong.append(f"left {litter}")
    states = set()
    for name in sorted({*writer.old, *clean.after}):
        missing = b"missing"
        was, to_be = writer.old.get(name, missing), clean.after.get(name, missing)
        now = after.get(name, missing)
        if was == to_be == now:
            continue
        if now == to_be or (writer.loose and not failed and is_whole(name, now)):
            states.add("new")
        elif now == was:
            states.add("old")
        else:
            wrong.append(f"{name} is neither old nor new: {str(now)[:60]}")
    if writer.whole and states == {"old", "new"} and not (writer.moved and fault == "SIGKILL"):
        wrong.append("some files are old, some new")
    if not failed and "old" in states:
        wrong.append(f"exit {code}, and a file is not written")
    if failed and not signum and writer.whole and "new" in states:
        wrong.append(f"exit {code}, and the file is written")
    return wrong


def is_whole(name: str, data: bytes | None) -> bool:
    """Whether these are the bytes of a whole picture, by the suffix of its name."""
    suffix = Path(name).suffix
    try:
        if suffix == ".svg":
            ElementTree.fromstring(data or b"")
        elif suffix == ".png":
            import PIL.Image

            PIL.Image.open(BytesIO(data or b"")).load()
        else:
            raise ValueError(f"what is {suffix}?")
    except (ElementTree.ParseError, OSError, SyntaxError):
        return False
    return True


def _plain(text: bytes) -> bytes:
    """Without the random part of a temporary name."""
    return re.sub(rb"\bdzviz-\w{16}\b", b"dzviz-*", text)
