"""Pages in a real browser, watched: what they ask for, what they complain of, what runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Frame, Page, sync_playwright
from support.tools import find_tool

SPY = """
window.ran = [];
for (const name of ["alert", "confirm", "prompt", "print"]) window[name] = (x) => ran.push(name);
"""


@contextmanager
def browser() -> Iterator[Browser]:
    """Start the browser."""
    with sync_playwright() as playwright:
        path = find_tool("chromium")
        flags = ["--no-sandbox", "--disable-dev-shm-usage"]
        yield playwright.chromium.launch(executable_path=path, args=flags)


def wait_until(frame: Frame, condition: str, seconds: float = 5) -> None:
    """Wait until a condition holds in a frame.

    `wait_for_function` asks a second time by `eval` in the page, which our pages' policy forbids.
    """
    end = time.monotonic() + seconds
    while not frame.evaluate(condition):
        assert time.monotonic() < end, f"not so after {seconds} s: {condition}"
        frame.page.wait_for_timeout(20)


class Visit(NamedTuple):
    """A page that is being looked at, what it asked for, and what the browser complained of."""

    page: Page
    requests: list[str]
    complaints: list[str]


@contextmanager
def visited(browser: Browser, file: Path, address: str = "", **options: Any) -> Iterator[Visit]:
    """Open a file."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
    page = context.new_page()
    page.set_default_timeout(10_000)
    visit = Visit(page, [], [])
    page.on("request", lambda request: visit.requests.append(request.url))
    page.on("console", lambda message: visit.complaints.append(message.text))
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    page.on("dialog", lambda dialog: (visit.complaints.append(dialog.message), dialog.dismiss()))
    page.add_init_script(SPY)
    page.goto(f"{file.as_uri()}{address}")
    try:
        yield visit
    finally:
        context.close()


@contextmanager
def shown(browser: Browser, file: Path, address: str = "", **options: Any) -> Iterator[Page]:
    """Open a file; when done with it, nothing may have gone wrong or out."""
    with visited(browser, file, address, **options) as (page, requests, complaints):
        yield page
        if options.get("java_script_enabled", True):
            assert page.evaluate("window.ran") == []
    others = {url.partition("#")[0] for url in requests if not url.startswith(("data:", "blob:"))}
    assert others == {file.as_uri()}
    assert complaints == []
