"""What all tests share: markers for tools that pip does not bring, and for what takes minutes.

``@pytest.mark.thorough`` tests try a contract over hundreds of inputs or processes. They run under
``DZVIZ_THOROUGH=1``, as in `make check` and CI; `make test` leaves them out, and says how many.

``@pytest.mark.needs("dot", "jq")`` skips a test where one of them is missing, and counts it in the
last lines of the run. With ``DZVIZ_REQUIRE_ALL=1`` such a test fails instead.
"""

from __future__ import annotations

import os
import re
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.metadata import requires, version
from importlib.util import find_spec
from typing import Any

import pytest
from support.tools import BACKENDS, find_tool

LEFT_OUT = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*tools): skip where one of these is not installed")
    config.addinivalue_line("markers", "thorough: takes long; left out without DZVIZ_THOROUGH=1")
    # Under nohup, or in a shell's background, signals come ignored; the programs that the tests
    # start would inherit that, and what is ignored stays ignored with us.
    for name, handler in (
        ("SIGINT", signal.default_int_handler),
        ("SIGTERM", signal.SIG_DFL),
        ("SIGHUP", signal.SIG_DFL),
    ):
        signum = getattr(signal, name, None)
        if signum is not None and signal.getsignal(signum) is signal.SIG_IGN:
            signal.signal(signum, handler)


@pytest.fixture(scope="session", autouse=True)
def everything_translated() -> Iterator[Callable[[str], str]]:
    """Let a sentence without its translation fail, and yield what users get instead."""
    from dzviz.text import languages

    real = languages.untranslated

    def untranslated(sentence: str) -> str:
        raise AssertionError(f"no row in dzviz/text/sentences/ for {sentence!r}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(languages, "untranslated", untranslated)
        yield real


def pytest_report_header() -> str:
    """Name the versions that are tested, which are not those of the next environment."""
    required = [re.match(r"[\w.-]+", each) for each in requires("dzviz") or () if ";" not in each]
    return "with " + ", ".join(f"{each[0]} {version(each[0])}" for each in required if each)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    named = all("::" in argument for argument in config.args)  # who asks for a test gets it
    if os.environ.get("DZVIZ_THOROUGH") == "1" or named:
        return
    left_out = [item for item in items if item.get_closest_marker("thorough")]
    config.stash[LEFT_OUT] = len(left_out)
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if not item.get_closest_marker("thorough")]


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = session.config.stash.get(LEFT_OUT, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a process of pytest-xdist has counted; they all count the same."""
    node.config.stash[LEFT_OUT] = getattr(node, "workeroutput", {}).get("left_out", 0)


def pytest_runtest_setup(item: pytest.Item) -> None:
    tools = [tool for marker in item.iter_markers("needs") for tool in marker.args]
    missing = sorted({tool for tool in tools if find_tool(tool) is None})
    if not missing:
        return
    if os.environ.get("DZVIZ_REQUIRE_ALL") == "1":
        pytest.fail(f"DZVIZ_REQUIRE_ALL=1, and {', '.join(missing)} is missing", pytrace=False)
    pytest.skip(f"needs {', '.join(missing)}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = [report.longrepr[2] for report in terminalreporter.stats.get("skipped", [])]
    matches = [re.fullmatch(r"Skipped: needs ([\w, ]+)", reason) for reason in reasons]
    lists = [match[1].split(", ") for match in matches if match]
    counts = Counter(tool for tools in lists for tool in tools)
    each = ", ".join(f"{tool} {count}" for tool, count in sorted(counts.items()))
    line = f"skipped for a missing tool: {len(lists)}" + (f" ({each})" if each else "")
    terminalreporter.write_line(line)
    for package, folder in BACKENDS.items():
        if find_spec(package) is None:
            terminalreporter.write_line(f"tests/{folder} left to `make test-{package}`")
    if left_out := terminalreporter.config.stash.get(LEFT_OUT, 0):
        terminalreporter.write_line(f"left to `make check`, since they take minutes: {left_out}")
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:  # What a test has to say that passes.
            terminalreporter.write_line(f"{name}: {value}")


@pytest.fixture(scope="session")
def browser():
    """One browser for all tests of pages."""
    from support import pages

    with pages.browser() as browser:
        yield browser
