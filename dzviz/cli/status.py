"""The progress of long work, on one line of a terminal's stderr that disappears afterwards.

Nothing is shown of what is done within a second, nor where stderr is not a terminal.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

PATIENCE = 1.0
INTERVAL = 0.2
"""Seconds before something is shown, and between two changes of it."""

WIDTH = 30
"""The length of the bar in characters."""


class Status:
    """A line about the work at hand; `begin` and `end` may be called any number of times.

    The line is written by a thread of its own, so that no loop anywhere need know of it.
    """

    def __init__(self, quiet: bool) -> None:
        self._shown = not quiet and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()
        self._share = -1.0
        self._what = ""

    def begin(self, what: str) -> None:
        """Show from now on what is being done, instead of what was before; nothing for ``""``."""
        self.end()
        if self._shown and what:
            from dzviz.language.carets import visible

            self._ended = threading.Event()
            self._share = -1.0
            self._what = what = visible(what)
            self._thread = threading.Thread(target=self._show, args=(what,), daemon=True)
            self._thread.start()

    def end(self) -> None:
        """Take the line away."""
        if self._thread is not None:
            self._ended.set()
            self._thread.join()
            self._thread = None

    def through(self, parts: Iterable[Any], total: int, *, lines: bool = False) -> Iterator[Any]:
        """Yield parts, and show which share of about ``total`` of them is done, or of ``lines``."""
        done = 0
        for part in parts:
            done += part.count("\n") if lines else 1
            self._share = min(done / max(total, 1), 1.0)
            yield part
        self.end()

    def say(self, text: str) -> None:
        """Write lines to stderr that stay; what was shown goes on below them."""
        going_on = self._thread is not None
        self.end()
        sys.stderr.write(text)
        if going_on:
            self.begin(self._what)

    def watch(self, steps: Sequence[Any]) -> Iterator[Any]:
        """Yield steps of a film, or other work, and show how many of them are drawn."""
        self.begin("drawing")
        for i, step in enumerate(steps):
            self._share = i / len(steps)
            yield step
        self.end()

    def _show(self, what: str) -> None:
        ended, line = self._ended, ""
        waited = ended.wait(PATIENCE)
        seconds = PATIENCE
        while not waited:
            done = int(self._share * WIDTH)
            bar = f"[{'#' * done}{'-' * (WIDTH - done)}] {self._share:.0%}"
            line = f"dzviz: {what} {bar if self._share >= 0 else f'... {seconds:.0f} s'}"
            sys.stderr.write(f"\r{line}")
            sys.stderr.flush()
            waited = ended.wait(INTERVAL)
            seconds += INTERVAL
        if line:
            sys.stderr.write(f"\r{' ' * (len(line) + 8)}\r")
            sys.stderr.flush()
