"""Pages in a real browser, watched: what they ask for, what they complain of, what runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright
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


@contextmanager
def shown(browser: Browser, file: Path, address: str = "", **options: Any) -> Iterator[Page]:
    """Show a file; when done with it, nothing may have gone wrong or out."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
    page = context.new_page()
    page.set_default_timeout(10_000)
    requests: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    page.add_init_script(SPY)
    page.goto(f"{file.as_uri()}{address}")
    try:
        yield page
        ran = page.evaluate("window.ran") if options.get("java_script_enabled", True) else []
    finally:
        context.close()
    others = [url for url in requests if not url.startswith(("data:", "blob:"))]
    assert [url.partition("#")[0] for url in others] == [file.as_uri()] * len(others), others
    assert complaints == []
    assert ran == []
