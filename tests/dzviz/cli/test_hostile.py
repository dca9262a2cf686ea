"""What a stranger may have named: a strange label on a terminal, one argument in a hint."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from support.hostile import TEXTS, blame

import dzviz as package
from dzviz.cli.commands.draw import quoted


def can_be_given(text):
    """Whether a command line can hold it."""
    try:
        return b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:  # half a character
        return False


GIVEN = [text for text in TEXTS if len(text) < 300 and can_be_given(text)]

LINES = [
    ["{}"],
    ["x", "{}"],
    ["x", "--x", "{}"],
    ["x", "--x", "@{}"],
    ["x", "--x", "@{}.csv"],
    ["x", "--{}", "1"],
    ["x # {}", "--x", "1", "-T", "html"],
    ["x # {}", "--x", "1", "-T", "svg"],
    ["x", "--set", "{}"],
    ["x", "--set", "{}=1"],
    ["x", "--x", "1", "-T", "{}"],
    ["x", "--x", "1", "--title", "{}"],
    ["x", "--x", "1", "--title", "{}", "-T", "text"],
    ["x", "--x", "1", "--title", "{}", "-T", "alt"],
    ["x", "--x", "1", "--title", "{}", "-T", "json"],
    ["x", "--x", "1", "--title", "{}", "-T", "mermaid"],
    ["x", "--x", "1", "--style", "{}"],
    ["x", "--x", "1", "--background", "{}"],
    ["x", "--x", "1", "--show", "{}"],
    ["x", "--x", "1", "--precision", "{}"],
    ["x", "--x", "1", "--order", "1", "--wrt", "{}"],
    ["x", "--x", "1", "--focus", "{}"],
    ["x", "--x", "1", "--from", "{}"],
    ["x", "--x", "1", "--engine", "{}"],
    ["x", "--x", "1", "--config", "{}"],
    ["x", "--x", "1", "-o", "missing/{}.svg"],
    ["x", "--x", "1", "-o", "missing/{}"],
    ["x", "--x", "1", "--frames", "missing/x{}"],
    ["x", "--x", "1", "--frames", "x{}.gif"],
    ["-f", "missing/{}"],
    ["--py-function", "missing/{}"],
    ["--py-function", "missing/{}.py:f"],
    ["--py-function", "model.py:{}", "--x", "1"],
    ["grad", "{}"],
    ["trace", "x", "--x", "1", "-T", "{}"],
    ["ops", "{}"],
    ["completion", "{}"],
    ["embed", "missing/{}"],
    ["embed", "missing/{}.md"],
    ["embed", "--root", "{}", "a.md"],
    ["batch", "missing/{}"],
]
"""Command lines with a place for a text, which make no file."""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    folder = tmp_path / "a" / "b" / "c"  # so deep that ../../ leads nowhere else
    folder.mkdir(parents=True)
    (folder / "model.py").write_text("def f(x):\n    return x\n")
    (folder / "a.md").write_text("")
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return folder


def assert_plain(text):
    """No control character, no escape sequence, nothing that turns or hides text; one line each."""
    for line in text.split("\n"):
        assert line.replace("\t", "").isprintable(), ascii(line)


@pytest.mark.thorough
@pytest.mark.parametrize("line", LINES, ids=" ".join)
def test_no_text_is_obeyed_by_a_terminal(dzviz, line):
    def check(texts):
        for text in texts:
            result = dzviz(*(word.replace("{}", text) for word in line))
            assert result.code in (0, 2, 3, 4, 6)
            assert "Traceback" not in result.err
            assert_plain(result.err)
            assert_plain(result.out)

    before = sorted(os.listdir())
    blame(check, GIVEN)
    assert sorted(set(os.listdir()) - {"__pycache__"}) == before


FILES = [
    "\x1b]0;title\x07",
    "a\nb",
    "\udcff",
    "\u202egnp",
    "-q",
    "--help",
    "$(touch hacked)",
    "`touch hacked`",
    "it's",
    '"',
    "a;touch hacked",
    " ",
    "javascript:alert(1)",
    "NUL",
]
"""Names of files that are there."""

MARKER = '<!-- dzviz "x" --x 1 -T alt -->\n<!-- /dzviz -->\n'


@pytest.mark.parametrize("name", FILES)
def test_files_of_any_name_are_read_and_written(dzviz, name):
    Path(f"{name}.md").write_text(MARKER)
    Path(f"{name}.txt").write_text("one: x --x 1")
    Path(f"{name}.csv").write_text("1,2")
    Path(f"{name}.toml").write_text('theme = "dark"')
    Path(f"{name}.expr").write_text("x")
    Path(f"{name}.py").write_text("def f(x):\n    return x * 2\n")
    kept = set(os.listdir())
    for args in (
        ["x", "--x", f"@{name}.csv", "-o", f"{name}.dot"],
        ["x", "--x", "1", "--config", f"{name}.toml", "-o", f"{name}.svg"],
        ["-f", f"{name}.expr", "--x", "1", "--frames", f"{name}.d"],
        ["--py-function", f"{name}.py:f", "--x", "1", "-T", "json"],
        ["--py-function", f"{name}.py:f", "--x", "1", "-T", "svg"],
        ["embed", "--check", "--", f"{name}.md"],
        ["embed", "--diff", "--", f"{name}.md"],
        ["embed", "--", f"{name}.md"],
        ["batch", "--output-dir", f"{name}.o", "--", f"{name}.txt"],
    ):
        result = dzviz(*args)
        assert result.code == ("--check" in args), result
        assert_plain(result.err)
        assert_plain(result.out)
    made = {f"{name}.dot", f"{name}.svg", f"{name}.d", f"{name}.o"}
    assert set(os.listdir()) - {"__pycache__"} == kept | made
    assert "Computational graph" in Path(f"{name}.md").read_text()
    assert os.listdir(f"{name}.o") == ["one.svg"]


@pytest.mark.parametrize("name", FILES)
def test_a_hint_is_a_command_that_means_the_file(dzviz, name):
    Path(f"{name}.md").write_text(MARKER)
    told = dzviz("embed", "--check", "--", f"{name}.md").err
    command = told.partition("; run: ")[2]
    assert command.startswith("dzviz embed ")
    assert by_a_shell(command.removeprefix("dzviz ")) == ["embed", *["--"] * name.startswith("-"),
                                                          f"{name}.md"]  # fmt: skip


@pytest.mark.needs("bash")
def test_every_text_is_one_argument_of_a_shell():
    def check(texts):
        assert by_a_shell(" ".join(map(quoted, texts))) == list(texts)

    blame(check, GIVEN)


def by_a_shell(words):
    """Return the arguments that bash makes of a line."""
    line = f"printf '%s\\0' {words}"
    done = subprocess.run(
        ["bash", "-c", line],
        capture_output=True,
        check=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    assert not os.path.exists("hacked")
    return os.fsdecode(done.stdout).split("\0")[:-1]


def test_names_in_user_code_are_shown_safely(dzviz):
    Path("model.py").write_text(
        "import numpy as np, warnings\nimport dezero\n"
        "def backward(self, gy):\n    return gy * 3\n"
        'Odd = type("\\x1b]0;t\\x07", (dezero.Function,), '
        '{"forward": lambda self, x: x * 2, "backward": backward})\n'
        "def wrong(x):\n    return Odd()(x)\n"
        'def fails(x):\n    raise ValueError("\\x1b[2J\\u202e\\n\\x9b")\n'
    )
    for name, code in (("wrong", 1), ("fails", 4)):
        result = dzviz("gradcheck", "--py-function", f"model.py:{name}", "--x", "1")
        assert result.code == code
        assert "\\x1b" in result.out + result.err
        assert_plain(result.out + result.err)
    for name in ("text", "alt", "svg", "json"):
        result = dzviz("--py-function", "model.py:wrong", "--x", "1", "-T", name)
        assert result.code == 0
        assert_plain(result.out)


pty = pytest.importorskip("pty")


def on_a_terminal(*args, **environment):
    """Return what a terminal gets that is both stdout and stderr."""
    own, other = pty.openpty()
    root = str(Path(package.__file__).parents[1])
    child = subprocess.Popen(
        [sys.executable, "-m", "dzviz", *args],
        stdin=subprocess.DEVNULL,
        stdout=other,
        stderr=other,
        env={**os.environ, "PYTHONPATH": root, **environment},
    )
    os.close(other)
    shown = b""
    while True:
        try:
            data = os.read(own, 65536)
        except OSError:  # Linux's way to say that nobody has the other end
            break
        if not data:
            break
        shown += data
    os.close(own)
    child.wait()
    return shown.decode().replace("\r\n", "\n")


def test_a_terminal_gets_no_escape_of_ours_or_others(tmp_path):
    name = "\x1b]0;title\x07\udcff\u202e"
    shown = on_a_terminal("x", "--x", "1", "--title", name)
    assert r"See it: dzviz x --x 1 --title $'\x1b]0;title\x07\xff\xe2\x80\xae' --open" in shown
    assert_plain(shown)
    Path(f"{name}.md").write_text(f"{name[:2]}2J\n{MARKER}")
    assert_plain(on_a_terminal("embed", "--diff", f"{name}.md"))
    shown = on_a_terminal("x", "--x", "1", "-o", f"{name}.svg", "--open", PATH=str(tmp_path))
    assert shown.startswith(r"\x1b]0;title\x07\udcff\u202e.svg")
    assert_plain(shown)


@pytest.mark.skipif(sys.platform != "linux", reason="the viewer is found in another way there")
def test_a_viewer_gets_a_path_and_no_option_or_address(tmp_path, folder):
    viewer = tmp_path / "bin" / "xdg-open"
    viewer.parent.mkdir()
    viewer.write_text(f'#!/bin/sh\nprintf "%s" "$1" > {tmp_path}/opened\n')
    viewer.chmod(0o755)
    root = str(Path(package.__file__).parents[1])
    for name in ("-x.svg", "http:x.svg", "\udcff\n.svg"):
        done = subprocess.run(
            [sys.executable, "-m", "dzviz", "x", "--x", "1", "-o", name, "--open"],
            env={**os.environ, "PYTHONPATH": root, "PATH": f"{viewer.parent}:{os.environ['PATH']}"},
            capture_output=True,
            check=True,
        )
        assert done.stdout == os.fsencode(f"{name}\n")  # as it is, for a script
        assert done.stderr == b""
        assert (tmp_path / "opened").read_bytes() == os.fsencode(f"{folder}/{name}")


def test_the_status_line_is_plain(monkeypatch):
    from dzviz.cli.status import Status

    written, come = [], threading.Event()
    monkeypatch.setattr("dzviz.cli.status.PATIENCE", 0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys.stderr, "write", lambda text: (written.append(text), come.set()))
    monkeypatch.setenv("TERM", "xterm")
    status = Status(quiet=False)
    status.begin("drawing \x1b]0;t\x07\n\u202e.md")
    assert come.wait(60)
    status.end()
    assert r"drawing \x1b]0;t\x07\n\u202e.md" in written[0]
    assert_plain(written[0].removeprefix("\r"))
