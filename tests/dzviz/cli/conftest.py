"""Command lines in this process, and real ones whose streams a test holds."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import dzviz as package
from dzviz.cli import main as cli

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PRELUDE = """
import os, signal, sys, time
from dzviz.cli import output, process
from dzviz.cli.process import Guard

def guard(main):
    with Guard():
        sys.exit(main())

def ready():
    os.write(2, b"ready\\n")

def wait():
    ready()
    while True:
        time.sleep(60)
"""


class Child(subprocess.Popen[bytes]):
    """A child process; every wait for it ends."""

    def report(self) -> bytes:
        """Return the next line of its stderr."""
        assert self.stderr is not None
        return self.stderr.readline()

    def await_ready(self) -> None:
        assert self.report() == b"ready\n"

    def finish(self) -> tuple[int, bytes, bytes]:
        """Return its exit code and what it still wrote to stdout and stderr."""
        stdout, stderr = self.communicate(timeout=60)
        return self.returncode, stdout, stderr


@pytest.fixture
def child() -> Iterator[Callable[..., Child]]:
    """Start Python on ``PRELUDE`` and ``code``, with the redirections of ``shell``."""
    children = []

    def start(code: str, *shell: str, env: dict[str, str] | None = None, **options: Any) -> Child:
        root = Path(package.__file__).parents[1]
        environment = {**os.environ, "PYTHONPATH": str(root), **(env or {})}
        command = [sys.executable, "-c", PRELUDE + code]
        if shell:
            command = ["sh", "-c", f'exec "$0" "$@" {" ".join(shell)}', *command]
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        children.append(Child(command, env=environment, **{**pipes, **options}))
        return children[-1]

    yield start
    for process in children:
        process.kill()
        process.communicate()


class Result:
    """What a command line came to."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __repr__(self):
        return f"exit {self.code}\n{self.out}\n{self.err}"


@pytest.fixture
def dzviz(capsys, monkeypatch):
    """Run a command line in this process."""

    def run(*args, stdin=""):
        monkeypatch.setattr(sys, "argv", ["dzviz", *args])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        try:
            code = cli.run(args)
        except SystemExit as exit:
            code = exit.code or 0
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return run
