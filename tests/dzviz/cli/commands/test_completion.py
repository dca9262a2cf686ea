"""Completion in real shells, at a real terminal where the shell asks for one."""

from __future__ import annotations

import fcntl
import json
import os
import re
import select
import struct
import subprocess
import sys
import termios
from pathlib import Path

import click
import pytest
from support.tools import find_tool

import dzviz as package
from dzviz.cli.commands.completion import SHELLS, command

TERMINALS = {
    "bash": (
        ["--norc", "--noprofile", "-i"],
        "bind 'set completion-query-items 0'; bind 'set page-completions off'; "
        "bind 'set show-all-if-ambiguous on'; bind 'set enable-bracketed-paste off'; "
        'eval "$(dzviz completion bash)"',
    ),
    "zsh": (
        ["-f", "-i"],
        "unsetopt list_ambiguous; LISTMAX=1000; autoload -U compinit; compinit -D -u; "
        'eval "$(dzviz completion zsh)"',
    ),
}
each_shell = pytest.mark.parametrize(
    "shell", [pytest.param(shell, marks=pytest.mark.needs(shell)) for shell in SHELLS]
)

HOSTILE = ('"$(touch hacked)`touch hacked`*x"', "'x;(touch hacked)|touch hacked'")


def test_the_page_of_shells_has_the_row_of_each():
    page = (Path(package.__file__).parents[1] / "docs/howto/shells.md").read_text("utf-8")
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")]
    for (shell, text), row in zip(SHELLS.items(), rows[1:], strict=True):
        line, _, place = text.partition("#")
        assert [shell, line.strip(), f"in {row[2].replace('`', '')}"] == [
            row[0],
            row[1].strip("`").replace("\\|", "|"),
            place.strip(),
        ]


def test_a_shell_that_click_does_not_know(dzviz, monkeypatch):
    monkeypatch.setattr(command.params[0], "type", click.Choice(["toysh"]))
    result = dzviz("completion", "toysh")
    assert (result.code, result.out) == (2, "")
    assert "click does not know how toysh completes" in result.err
    assert "add_completion_class" in result.err


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with files, in which ``dzviz`` is a command."""
    programs, folder = tmp_path / "bin", tmp_path / "work"
    programs.mkdir()
    folder.mkdir()
    script = programs / "dzviz"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m dzviz "$@"\n')
    script.chmod(0o755)
    (folder / "picture.svg").touch()
    (folder / "picture.txt").touch()
    root = str(Path(package.__file__).parents[1])
    monkeypatch.setenv("PYTHONPATH", root)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.chdir(folder)
    return folder


def completed(shell, line, expected):
    """Type a line and press Tab, until all that is ``expected`` stands there; returns it all."""
    if shell == "fish":
        script = 'dzviz completion fish | source; complete -C "$argv[1]"'
        command = [find_tool("fish"), "--no-config", "-c", script, line]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        assert done.stderr == ""
        words = done.stdout.replace("\t", "  ")
        assert all(word in words for word in expected), words
        return words
    options, setup = TERMINALS[shell]
    terminal, end = os.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 200, 160, 0, 0))
    # A session's leader that opens a terminal has it for its own.
    opened = 'exec "$@" <>"$0" >&0 2>&0'
    command = ["sh", "-c", opened, os.ttyname(end), find_tool(shell), *options]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        os.write(terminal, f"PS1=; {setup}; echo rea''dy\n".encode())
        until(terminal, ["ready\r\n"])
        os.write(terminal, f"{line}\t".encode())
        return until(terminal, expected)
    finally:
        process.kill()
        process.wait()
        os.close(end)
        os.close(terminal)


def until(terminal, expected):
    """Read what a terminal shows until all that is expected stands there."""
    shown = ""
    data = b""
    while not all(word in shown for word in expected):
        assert select.select([terminal], [], [], 30)[0], shown
        data += os.read(terminal, 65536)
        shown = re.sub(r"\x1b(\[[\d;?]*[a-zA-Z]|[=>])|\x07", "", data.decode(errors="replace"))
    return shown


@each_shell
def test_variables_and_options_of_an_expression(folder, shell):
    shown = completed(shell, 'dzviz "sin(x)*w" --', ["--x ", "--w ", "--retain-grad", "--style"])
    assert "--sin" not in shown


@each_shell
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('dzviz "sin(x)" --style b', ["boxes", "book"]),
        ('dzviz "sin(x)" -T m', ["mermaid"]),
        ('dzviz "sin(x)" --x 1 -o pic', ["picture.svg", "picture.txt"]),
        ("dzviz gr", ["grad", "gradcheck"]),
    ],
)
def test_words_files_and_commands(folder, shell, line, expected):
    completed(shell, line, expected)


@each_shell
def test_completion_runs_nothing(folder, shell):
    for expression in HOSTILE:
        completed(shell, f"dzviz {expression} --", ["--retain-grad", "--style"])
    (folder / "model.py").write_text('open("hacked", "w")\ndef f(x):\n    return x\n')
    completed(shell, "dzviz --py-function model.py:f --st", ["--style", "--strict"])
    assert not (folder / "hacked").exists()


@each_shell
def test_names_of_files_run_nothing(folder, shell):
    for name in ("pic$(touch hacked).svg", "pic`touch hacked`.svg", "pic;touch hacked.svg"):
        (folder / name).touch()
    completed(shell, "dzviz x --x 1 -o pic", ["picture.svg", "hacked"])
    assert not (folder / "hacked").exists()


@pytest.mark.needs("fish")
def test_fish_shows_whole_descriptions(folder):
    completed(
        "fish", 'dzviz "x" --ti', ["--title  The text below the graph, instead of the expression."]
    )


LOADED = """
import atexit, json, sys
atexit.register(lambda: print("\\n" + json.dumps(sorted(sys.modules))))
from dzviz.__main__ import main
main()
"""


@pytest.mark.parametrize("line", ['dzviz "sin(x)*w" --', 'dzviz "sin(x)" --style ', "dzviz -T "])
def test_completion_loads_no_numpy(folder, line):
    variables = {
        "_DZVIZ_COMPLETE": "bash_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(line.count(" ")),
    }
    done = subprocess.run(
        [sys.executable, "-c", LOADED],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    *words, modules = done.stdout.splitlines()
    assert any(word.startswith("plain,") for word in words)
    assert "click.shell_completion" in json.loads(modules)
    assert "numpy" not in json.loads(modules)


def test_what_no_shell_asks_is_answered_as_ever(monkeypatch, capsys):
    from dzviz.cli.main import INTRODUCTION, run

    for asked in ("", "bash_complete", "rubbish", "_", "fish_complete"):
        monkeypatch.setenv("_DZVIZ_COMPLETE", asked)
        assert run([]) == 2
        assert capsys.readouterr().err == INTRODUCTION
    monkeypatch.setenv("_DZVIZ_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "dzviz")
    monkeypatch.setenv("COMP_CWORD", "one")
    assert run([]) == 2
