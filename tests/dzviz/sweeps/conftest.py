"""Command lines in this process."""

from __future__ import annotations

import io
import sys

import pytest

from dzviz.cli import main as cli


@pytest.fixture
def dzviz(capsys, monkeypatch, tmp_path):
    """Run a command line in this process and in an empty folder; return its code and streams."""

    def run(*args):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["dzviz", *args])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
        try:
            code = cli.run(args)
        except SystemExit as exit:
            code = exit.code or 0
        return code, *capsys.readouterr()

    return run
