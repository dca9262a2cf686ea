"""README and docs/ tell the truth: what they show runs, and prints what stands beside it."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import signal
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.docs import DOCS, README, ROOT, TRANSLATIONS, Page, setup
from support.tools import find_tool

from dzviz import errors
from dzviz.cli.help import EXIT_CODES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from _pytest.mark import ParameterSet

ALL = [README, *DOCS]

PAGES = [page for page in ALL if page.backend is None or find_spec(page.backend)]
"""Those that can be run here; the others are run beside the tests of what they need."""

MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for package in ("dezero", "dzviz")
    for path in sorted((ROOT / package).rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]


def sessions() -> Iterator[ParameterSet]:
    """Each page with the tools it asks for; without them, as far as it goes, where they are not."""
    for page in PAGES:
        tools = sorted(set().union(*(example.tools for example in page.examples)))
        without = not tools or not all(map(find_tool, tools))
        if without and any(not example.tools for example in page.examples):
            yield pytest.param(page, set(), id=page.name)
        if tools:
            marks = pytest.mark.needs(*tools)
            yield pytest.param(page, set(tools), id=f"{page.name}-{'-'.join(tools)}", marks=marks)


@pytest.fixture
def run(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Run a command in a folder, with ``dzviz`` on the PATH; return what a terminal would show."""
    programs = tmp_path_factory.mktemp("bin")
    script = programs / "dzviz"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m dzviz "$@"\n')
    script.chmod(0o755)
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    # As from a shell: `make test` would have the make of a page say that it is one within another.
    inherited = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL")}

    def run(*command: str) -> str:
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env={**inherited, "PATH": path, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=120,
            check=False,
        )
        printed = done.stdout.decode()
        assert "Traceback" not in printed
        assert done.returncode in (0, 1) or "dzviz: error:" in printed, printed
        assert done.returncode != 0 or "dzviz: error:" not in printed, printed
        return printed

    return run


def write_files(page: Page, folder: Path) -> None:
    for name, text in page.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("page", "tools"), list(sessions()))
def test_a_session_is_as_it_is_shown(
    page: Page, tools: set[str], run: Callable[..., str], tmp_path: Path
) -> None:
    write_files(page, tmp_path)
    examples = [example for example in page.examples if example.tools <= tools]
    shown = "".join(f"$ {example.command}\n{example.printed}" for example in examples)
    assert shown == "".join(f"$ {e.command}\n{run('sh', '-c', e.command)}" for e in examples)
    for example in examples:
        for name in re.findall(r"-o (\S+)", example.command):
            assert (tmp_path / name).stat().st_size > 0


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.python], ids=lambda page: page.name
)
def test_the_python_of_a_page_runs(page: Page, run: Callable[..., str], tmp_path: Path) -> None:
    write_files(page, tmp_path)
    run(sys.executable, "-c", page.python)


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_of_docstrings(module: str) -> None:
    done = doctest.testmod(import_module(module), raise_on_error=False)
    assert done.attempted > 0
    assert done.failed == 0


def test_there_are_examples() -> None:
    assert len(README.examples) >= 6
    assert any(example.printed for example in README.examples)
    assert README.files
    assert README.python
    assert len(DOCS) > 10
    assert sum(len(page.examples) for page in DOCS) > 20


@pytest.mark.parametrize("page", TRANSLATIONS, ids=lambda page: page.name)
def test_a_translation_shows_what_readme_shows(page: Page) -> None:
    assert page.blocks == README.blocks
    assert pictures(page) == pictures(README)
    assert headings(page) == headings(README)


def headings(page: Page) -> list[str]:
    """Return the levels of a page's headings, in their order."""
    text = re.sub(r"^(`{3,}).*?^\1$", "", page.text, flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"^(#+) \S", text, re.MULTILINE)


def pictures(page: Page) -> list[str]:
    return re.findall(r"!\[[^]]+\]\(([^)]+)\)", page.text)


def test_readme_is_there_in_three_languages() -> None:
    names = [page.name for page in [README, *TRANSLATIONS]]
    assert names == ["README.md", "README.ja.md", "README.ko.md"]
    for page in [README, *TRANSLATIONS]:
        others = [name for name in names if name != page.name]
        assert [name for name in others if f"]({name})" not in page.text] == []


def test_two_commands_do_all_the_set_up() -> None:
    assert setup() == ["make demo", "make test"]


LIVE = sorted({c for page in ALL for c in "".join(page.scripts).splitlines() if " live " in c})


@pytest.mark.parametrize("command", LIVE)
def test_a_live_page_is_served(command: str) -> None:
    program = [sys.executable, "-m", *shlex.split(command), "--no-browser"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"http://127.0.0.1:")
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


@pytest.mark.parametrize("page", ALL, ids=lambda page: page.name)
def test_commands_are_run_or_draw(page: Page) -> None:
    """Nothing stands in a shell's block that no test reads."""
    commands = "".join(page.scripts).splitlines() if page is not README else []
    assert all(command.startswith("dzviz ") for command in commands)
    assert all(" -o " in command or command in LIVE for command in commands)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_are_quoted_for_every_shell(page: Page) -> None:
    """Single quotes are letters to cmd."""
    commands = [example.command for example in page.examples]
    lines = [line for line in "".join(page.scripts).splitlines() + commands if "dzviz" in line]
    bare = [re.sub(r'"(\\.|[^"\\])*"', "", line) for line in lines]
    assert [line for line in bare if "'" in line] == []


def test_the_exit_codes_are_those_of_the_errors() -> None:
    codes = {kind.exit_code for kind in errors.DzvizError.__subclasses__()}
    assert codes
    assert codes <= {int(code) for code, _ in EXIT_CODES if code.isdecimal()}


@pytest.mark.parametrize("page", [*PAGES, *TRANSLATIONS], ids=lambda page: page.name)
def test_links_lead_somewhere(page: Page) -> None:
    text = re.sub(r"^(`{3,}).*?^\1$", "", page.text, flags=re.DOTALL | re.MULTILINE)
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    assert [link for link in links if not (page.path.parent / link).exists()] == []
