"""README tells the truth: its commands run, and print what stands beside them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support.readme import README, ROOT, Example, blocks, examples, setup

from dzviz import errors

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def needs(command: str) -> pytest.MarkDecorator:
    """The tools into which a command pipes."""
    return pytest.mark.needs.with_args(*re.findall(r"\| (\w+)", command))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for all the examples in turn, with the files that README shows."""
    folder = tmp_path_factory.mktemp("readme")
    for code in blocks("python"):
        if name := re.match(r"# (\w+\.py)\n", code):
            (folder / name[1]).write_text(code)
    return folder


@pytest.fixture(scope="module")
def run(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Run a command there, with ``dzviz`` on the PATH; return what a terminal would show."""
    programs = tmp_path_factory.mktemp("bin")
    script = programs / "dzviz"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m dzviz "$@"\n')
    script.chmod(0o755)
    path = os.pathsep.join([str(programs), os.environ["PATH"]])

    def run(*command: str) -> str:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=120,
            check=False,
        )
        printed = done.stdout.decode()
        assert "Traceback" not in printed
        assert (done.returncode != 0) is ("dzviz: error:" in printed), printed
        return printed

    return run


@pytest.mark.parametrize(
    "example",
    [pytest.param(example, marks=needs(example.command)) for example in examples()],
    ids=lambda example: example.command,
)
def test_a_command_prints_what_stands_beside_it(
    example: Example, run: Callable[..., str], folder: Path
) -> None:
    assert run("sh", "-c", example.command) == example.printed
    for name in re.findall(r"-o (\S+)", example.command):
        assert (folder / name).stat().st_size > 0


def test_the_python_runs(run: Callable[..., str]) -> None:
    (code,) = [code for code in blocks("python") if not code.startswith("# ")]
    assert run(sys.executable, "-c", code).startswith("digraph")


def test_there_are_examples() -> None:
    assert len(examples()) >= 6
    assert any(example.printed for example in examples())


def test_two_commands_do_all_the_set_up() -> None:
    assert setup() == ["make demo", "make test"]


def test_the_exit_codes_are_those_of_the_errors() -> None:
    codes = {kind.exit_code for kind in errors.DzvizError.__subclasses__()}
    assert codes <= {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}


def test_its_links_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
