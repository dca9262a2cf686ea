"""What files, documents and a user's Functions bring in: made at random, seen from outside.

A case of each round is tried in a folder of its own, beside which lies what nobody may read. It is
read, drawn or refused in our words; nothing is written but what was asked for.
"""

from __future__ import annotations

import base64
import contextlib
import io
import os
import random
import shutil
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dzviz.arguments.config import read_config
from dzviz.cli import main as cli
from dzviz.documents.embedding import Embedder
from dzviz.documents.markers import MARKUPS
from dzviz.errors import DzvizError
from dzviz.files import keyed
from dzviz.formats import FORMATS
from dzviz.language.carets import explain
from dzviz.language.files import READERS, read_array
from dzviz.options import Look, View
from dzviz.styles import STYLES
from dzviz.themes import THEMES
from fuzzing.grammar import VALUES, damaged, expression

Dice = random.Random
Case = dict[str, Any]

SECRET = "e-77"
"""How the number ends that lies outside of the folder, in whatever digits it is shown."""

NUMBERS = ("0", "1", "-1", "2.5", "1e308", "1e309", "nan", "inf", "-0", "1_0", "0x1", "٣", "", "x")
"""What stands in files of numbers, and some that is none."""

WORDS = (
    *("[", "]", "{", "}", ",", ":", '"', "'", "=", ".", "#", "\n", "\r\n", "\t", " ", "\0", "\\"),
    *("[[", "]]", "null", "true", "😀", "\ufeff", "\ud7ff", "é", "a", "title", "1", "-", "--"),
    *("[tool.dzviz]", "dzviz", "<!--", "-->", "<!-- /dzviz -->", "..", "//", "```", "    ", "> "),
)
"""Pieces of the texts of files and documents."""


def files_case(dice: Dice) -> Case:
    """Make a file of numbers or of display options, changed here and there."""
    suffix = dice.choice((*READERS, ".toml", ".toml"))
    data = MADE[suffix](dice)
    for _ in range(dice.choice((0, 0, 1, 1, 2, 4))):
        data = _damaged(dice, data)
    name = dice.choice(("w", "w", "w", "pyproject" if suffix == ".toml" else "é w"))
    keyed = suffix == ".npz" or dice.random() < 0.03
    key = dice.choice(("", ":a", ":b", ":", ":a:b")) if keyed and suffix != ".toml" else ""
    return {"name": f"{name}{suffix}", "key": key, "data": base64.b85encode(data).decode()}


def try_files(case: Mapping[str, Any]) -> str:
    """Read a file, or refuse it in our words."""
    with _folder() as folder:
        path = os.path.join(folder, case["name"])
        Path(path).write_bytes(base64.b85decode(case["data"]))
        try:
            if case["name"].endswith(".toml"):
                options = read_config(path)
                assert set(options) <= set(Look.__dataclass_fields__), options
            else:
                array = read_array(keyed(path + case["key"]))
                assert array.dtype.kind == "f", array.dtype
        except DzvizError as error:
            _check_words(explain(error))
            return "refused"
    return "read"


def documents_case(dice: Dice) -> Case:
    """Make a document with markers, some of them broken, that ask for all that there is."""
    markup = dice.choice(tuple(MARKUPS))
    begin, end, close = MARKERS[markup]
    parts = []
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        command = " ".join(_command(dice))
        if dice.random() < 0.1:
            command = damaged(dice, command)
        lines = [f"{begin}{command}{end}", *_filling(dice), close]
        if dice.random() < 0.15:
            lines.pop(dice.randrange(len(lines)))
        lead = dice.choice(("", "", "", "", "> ", "- ", "    ", "\t", "1. "))
        parts += [dice.choice(("", "text\n")) + f"{lead}{line}\n" for line in lines]
        parts.append("\n")
    text = "".join(parts)
    for _ in range(dice.choice((0, 0, 0, 1, 2))):
        i = dice.randint(0, len(text))
        text = text[:i] + dice.choice(WORDS) * dice.choice((1, 1, 2, 50)) + text[i:]
    return {"name": f"a{dice.choice(MARKUPS[markup].suffixes)}", "text": text}


def try_documents(case: Mapping[str, Any]) -> str:
    """Make a revision of a document, or say what is wrong with it; it stays once it is written."""
    with _folder() as folder:
        docs = os.path.join(folder, "docs")
        _furnish(folder, docs)
        path = os.path.join(docs, case["name"])
        Path(path).write_bytes(case["text"].encode("utf-8", "surrogatepass"))
        before = sorted(os.listdir(docs))
        revision, problems = Embedder(docs, python=False).revise(path)
        assert sorted(os.listdir(docs)) == before, "something was written"
        for problem in problems:
            said = explain(problem.error)
            _check_words(said)
            assert SECRET not in said, said
        if revision is None:
            return "refused"
        for data in (revision.new, *(image.new for image in revision.images)):
            assert SECRET.encode() not in data, "what lies outside was read"
        for image in revision.images:
            assert os.path.realpath(image.file.path).startswith(f"{docs}{os.sep}"), image.file
            os.makedirs(os.path.dirname(image.file.path), exist_ok=True)
            Path(image.file.path).write_bytes(image.new)
        Path(path).write_bytes(revision.new)
        again, problems = Embedder(docs, python=False).revise(path)
        assert again is not None, problems
        assert not again.stale, "it does not stay as it is"
        return "drawn" if revision.markers else "no marker"


def functions_case(dice: Dice) -> Case:
    """Make a file with a Function of a user's own that does something odd somewhere."""
    places = dict(HARMLESS)
    for place in dice.sample(sorted(ODD), dice.choice((0, 1, 1, 2))):
        places[place] = dice.choice(ODD[place])
    command = dice.choice(("draw", "draw", "draw", "grad", "trace", "gradcheck"))
    args = [*([command] if command != "draw" else []), "--py-function", "m.py:f"]
    args += ["--x", dice.choice(("1", "2", "[1,2]", "[[1,2],[3,4]]", "0", "zeros(0)"))]
    if command == "draw":
        quick = [name for name, format in FORMATS.items() if not format.placed]
        args += ["-T", dice.choice(quick)]
        args += dice.choice(([], [], ["--order", "1"], ["--retain-grad"], ["--fold", "always"]))
    return {"source": MODEL.format(**places), "args": args}


def try_functions(case: Mapping[str, Any]) -> str:
    """Run a command on a user's file: one message where it fails, and nothing on stdout."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    with _folder() as folder:
        Path(folder, "m.py").write_text(case["source"])
        args = [f"{folder}/{arg}" if arg == "m.py:f" else arg for arg in case["args"]]
        before = set(sys.modules)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = cli.run(args)
            except SystemExit as end:
                code = int(end.code or 0)
        for name in set(sys.modules) - before:
            if (
                name.startswith("m")
                and getattr(sys.modules[name], "__file__", "") == f"{folder}/m.py"
            ):
                del sys.modules[name]
        assert sorted(os.listdir(folder)) in (["m.py"], ["__pycache__", "m.py"]), "left something"
    out.flush()
    written, said = out.buffer.getvalue(), err.getvalue()  # type: ignore[attr-defined]
    assert "Traceback" not in said, said
    if code == 1 and "gradcheck" in args:
        assert written
    else:
        assert code in (0, 2, 4, 5), code
        assert (said.count("dzviz: error: ") == 1) == bool(code), said
        assert not (code and written), written
    return f"exit {code}"


@contextlib.contextmanager
def _folder() -> Iterator[str]:
    """Make a folder for a case, and remove it."""
    folder = tempfile.mkdtemp(prefix="dzviz-fuzz-")
    try:
        yield os.path.realpath(folder)
    finally:
        shutil.rmtree(folder)


def _furnish(folder: str, docs: str) -> None:
    """Put into a folder what documents name: files, links that lead out, a model."""
    os.mkdir(docs)
    Path(folder, "secret.csv").write_text(f"1.234{SECRET}\n")
    Path(docs, "w.csv").write_text("1,2\n")
    Path(docs, "mine.svg").write_text("<p>not a picture</p>")
    Path(docs, "m.py").write_text("def f(x):\n    raise SystemExit\n")
    os.symlink("../secret.csv", os.path.join(docs, "link.csv"))
    os.symlink("..", os.path.join(docs, "up"))


def _check_words(said: str) -> None:
    assert len(said) < 10_000, f"{len(said)} characters"
    assert all(c == "\n" or c.isprintable() for c in said), said


# Files


def _npy(dice: Dice) -> bytes:
    shape = dice.choice(((), (1,), (3,), (2, 2), (0,), (0, 3), (1, 1, 1)))
    plain = dice.choice(("f8", "f8", ">f4", "f2", "i8", "u1", "?"))
    kind = plain if dice.random() < 0.7 else dice.choice(("c16", "O", "U2", "M8[s]", "V3", "f16"))
    array = np.zeros(shape, "f8").astype(kind) if kind != "V3" else np.zeros(shape, "V3")
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    data = file.getvalue()
    if dice.random() < 0.1:  # claims of more than there is
        data = data.replace(b"'shape': (", b"'shape': (" + dice.choice(CLAIMS), 1)
    return data


CLAIMS = (b"9999999999, ", b"-1, ", b"10**9, ", b"1e9, ", b"0, " * 40, b"(" * 200, b"True, ")
"""What a header can say about a shape."""


def _npz(dice: Dice) -> bytes:
    file = io.BytesIO()
    way = dice.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA))
    with zipfile.ZipFile(file, "w", way) as archive:
        for name in dice.sample(
            ("a.npy", "b.npy", "a", "../c.npy", "", "é.npy"), dice.randint(0, 3)
        ):
            archive.writestr(name or "x", _npy(dice))
    data = file.getvalue()
    if dice.random() < 0.1:  # a member that goes on long after its claim
        data = data.replace(b"PK\x01\x02", zlib.compress(bytes(1 << 20)) + b"PK\x01\x02", 1)
    return data


def _csv(dice: Dice) -> bytes:
    rows = (
        dice.choice((",", ",", ";", "\t")).join(dice.choices(NUMBERS[:7], k=dice.randint(1, 4)))
        for _ in range(dice.randint(0, 4))
    )
    return dice.choice(("\n", "\r\n", "\r")).join(rows).encode(dice.choice(ENCODINGS))


ENCODINGS = ("utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-be")


def _json(dice: Dice) -> bytes:
    def value(depth: int) -> str:
        if depth <= 0 or dice.random() < 0.4:
            return dice.choice((*NUMBERS, '"a"', "null", "true", "{}"))
        return f"[{', '.join(value(depth - 1) for _ in range(dice.randint(0, 3)))}]"

    text = value(dice.choice((1, 2, 3)))
    if dice.random() < 0.05:
        deep = dice.choice((40, 2000, 100_000))
        text = dice.choice(("[", '{"a":')) * deep + text + dice.choice(("", "]" * deep))
    return text.encode(dice.choice(ENCODINGS))


def _toml(dice: Dice) -> bytes:
    lines = ["[tool.dzviz]"] if dice.random() < 0.3 else []
    for _ in range(dice.randint(0, 4)):
        option = dice.choice((*Look.__dataclass_fields__, *View.__dataclass_fields__, "a.b", "x"))
        value = dice.choice(
            ("1", "0.5", "true", '"all"', '"dark"', '["shape"]', "[]", "{a = 1}", "nan", "-1",
             "1979-05-27", "'''x\ny'''", "9" * 400, "9" * 5000, "[" * 2000, '"\\u0000"')
        )  # fmt: skip
        lines.append(f"{option.replace('_', '-')} = {value}")
    if dice.random() < 0.02:
        lines.append(f"{'.'.join('a' * dice.choice((30, 40, 20_000)))} = 1")
    return "\n".join(lines).encode()


MADE: Mapping[str, Callable[[Dice], bytes]] = {
    ".npy": _npy,
    ".npz": _npz,
    ".csv": _csv,
    ".tsv": _csv,
    ".json": _json,
    ".toml": _toml,
}
"""How a file of each kind is made; all that are read are here."""


def _damaged(dice: Dice, data: bytes) -> bytes:
    """Change bytes here and there: others, fewer, more, repeated, put elsewhere."""
    i = dice.randint(0, len(data))
    j = min(len(data), i + dice.choice((0, 1, 2, 4, 16, 80)))
    new = dice.choice(
        (
            b"",
            bytes(dice.choices(range(256), k=dice.choice((1, 2, 8)))),
            data[i:j] * dice.choice((2, 2, 300)),
            dice.choice(WORDS).encode("utf-8", "surrogatepass"),
            b"\xff" * (j - i),
            b"\0" * (j - i),
            dice.choice(NUMBERS).encode(),
        )
    )
    return data[:i] + new + data[j:]


# Documents

MARKERS: Mapping[str, tuple[str, str, str]] = {
    "markdown": ("<!-- dzviz ", " -->", "<!-- /dzviz -->"),
    "rst": (".. dzviz ", "", ".. /dzviz"),
    "asciidoc": ("// dzviz ", "", "// /dzviz"),
}
"""How a marker begins and ends, and what closes it."""

SIMPLE = ("x", "x*x", "sin(x)", "x + y", "sum(x*y)", "x**2 + y*w", "tanh(x) + 1", "a = x*2; a*a")
BLOCKS = tuple(name for name, format in FORMATS.items() if format.block)
FORMS = ("dot", "mermaid", "json", "text", "text", "alt", "trace", "svg", "pdf", "nothing")
OUTPUTS = (
    *("a.svg", "b.svg", "p/a.svg", "a.png", "a.gif", "a.pdf", "mine.svg", "../a.svg", "up/a.svg"),
    *("/tmp/a.svg", "-", "", "w.csv", "a.md", "é b.svg", "p/../a.svg", "a.svg/b.svg", "link.csv"),
)
ASKED = (
    *("@w.csv", "@link.csv", "@up/secret.csv", "@../secret.csv", "@~/w.csv", "@/etc/passwd"),
    *("@w.csv:a", "@docs", "@", "@.", "@w.npz:a", "@mine.svg", "@a.md", "@w.csv", "@w.csv"),
)
REFUSED = (
    *("--file w.csv", "-f -", "--py-function m.py:f", "--config w.csv", "--font w.csv", "--open"),
    *("--frames p", "--engine dot", "--layout-timeout 1", "--help", "-h", "--graph w.csv"),
    *("--max-nodes 1000000", "--max-elements 99999999", "--order 99", "--\uff48elp", "--strict"),
)


def _command(dice: Dice) -> Iterator[str]:
    """Write the command line of a marker."""
    placed = dice.random() < 0.04
    text = expression(dice, 2).replace('"', "").replace("'", "")
    text = dice.choice(SIMPLE) if dice.random() < 0.5 else text
    yield f'"{text}"' if dice.random() < 0.97 else text
    for name in ("x", "y", "w", "x2", "日本"):
        if name in text and dice.random() < 0.95:
            values = [value for value in VALUES if " " not in value and "200" not in value]
            value = dice.choice(ASKED) if dice.random() < 0.15 else dice.choice(values)
            yield dice.choice((f"--{name} {value}", f"--{name}={value}", f"--set {name}={value}"))
    if placed:
        yield f"-o {dice.choice(OUTPUTS[:4])}"
    elif dice.random() < 0.1:
        yield f"-o '{dice.choice(OUTPUTS)}' -T {dice.choice(FORMS)}"
    else:
        yield f"-T {dice.choice(FORMS if dice.random() < 0.1 else BLOCKS)}"
    if dice.random() < 0.05:
        yield dice.choice(REFUSED)
    if dice.random() < 0.3:
        yield dice.choice(
            (f"--style {dice.choice(tuple(STYLES))}", f"--theme {dice.choice(tuple(THEMES))}",
             "--order 1", "--retain-grad", "--no-backward", "--max-elements 10000", "--fold always",
             "--precision 17", "--focus x", "--depth 0", "--theme light,dark", "--title '-->'",
             f"--max-nodes {dice.choice((1, 3, 3000))}", f"--show {dice.choice(('shape', 'all'))}")
        )  # fmt: skip


def _filling(dice: Dice) -> list[str]:
    """Write what stands at a marker already."""
    if dice.random() < 0.6:
        return []
    return ["", *dice.choices(("old", "```text", "```", "![a](a.svg)", "", "<b>"), k=3), ""]


# Functions

MODEL = """\
import os, sys
import numpy as np
from dezero import Function, Variable
class Odd(Exception):
    def __str__(self): {text}
class F(Function):
    def __init__(self): {init}
    def forward(self, x):
        {forward}
    def backward(self, gy):
        {backward}
    @property
    def label(self): {label}
{top}
def f(x):
    {function}
"""

HARMLESS = {
    "text": "return 'odd'",
    "init": "pass",
    "forward": "return x * 2.0",
    "backward": "return gy * 2.0",
    "label": "return 'F'",
    "top": "pass",
    "function": "return F()(x) * 1.5",
}
"""What the places of a model say where nothing odd is there."""

RAISES = (
    *("raise Odd", "raise BaseException('b')", "raise GeneratorExit", "raise StopIteration"),
    *("raise SystemExit(0)", "raise SystemExit('x')", "sys.exit()", "raise MemoryError"),
    *("raise RecursionError", "raise ExceptionGroup('g', [Odd()])", "raise KeyError({1: 2})"),
    *("1 / 0", "assert False", "raise Exception('a\\nb\\x1b[31m')", "raise TypeError from Odd()"),
    *("raise UnicodeDecodeError('utf-8', b'x', 0, 1, 'no')", "raise type('E' * 300, (Odd,), {})()"),
    *("return self.__class__.__mro__[1].nothing", "raise Exception('e' * 100000)"),
)
"""How code fails."""

RETURNS = (
    *("return None", "return ()", "return (x, x)", "return 'text'", "return [x]", "return {}"),
    *("return np.array(['a'])", "return np.array(None)", "return x.astype(complex)", "return 1"),
    *("return np.longdouble(2)", "return x.astype('f2')", "return np.zeros((0, 3))", "return True"),
    *("return np.array([x, None], object)", "return x[..., None]", "return np.ma.masked_array(x)"),
    *("return np.datetime64('now')", "return iter([x])", "x[...] = 5; return x", "return Variable"),
    *("return float('nan')", "return np.full(x.shape, 1e308) * 10", "return 2**70", "return x > 0"),
    *(
        "return np.zeros((3, 4))",
        "print('loud'); return x",
        "os.write(2, b''); return x",
        "return x",
    ),
)
"""What else code may return for an ``x``."""

ODD: Mapping[str, tuple[str, ...]] = {
    "text": ("sys.exit(0)", "return None", "raise BaseException", "return 'a\\nb' * 9"),
    "init": (*RAISES[:8], "self.inputs = 5", "self.generation = 'x'", "super().__init__()"),
    "forward": (*RAISES, *RETURNS),
    "backward": (*RAISES, *(text.replace("x", "gy") for text in RETURNS if "text" not in text)),
    "label": (*RAISES, "return 5", "return None", "return 'l' * 5000", "return '<b>\\0\\x1b'"),
    "top": (*RAISES[:14], "f = 5", "del F", "sys.modules['numpy2'] = None", "x = 1", "import json"),
    "function": (
        *(text for text in RAISES if "self" not in text),
        *(text for text in RETURNS if "x.astype" not in text and "..." not in text),
        *("return F()(x)", "return F()(F()(x))", "y = F()(x); y.name = 5; return y", "return x, x"),
        *("y = F()(x); y.data = None; return y", "y = F()(x); y.grad = 5; return y", "return x"),
        *("y = F()(x); y.creator = 5; return y", "x.data[...] = 3; return F()(x)", "return f"),
        *("y = F()(x); y.backward(); return y", "return F()(x.data)", "return F()(x, x)"),
        *("y = F()(x); y.name = 'n' * 5000; return y", "return Variable(np.array(1.0))"),
    ),
}
"""What a place may say instead."""
