"""The progress of long work, on one line of a terminal's stderr that disappears afterwards.

Nothing is shown of what is done within a second, nor where stderr is not a terminal.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import click

from dzviz.progress import Work, kept_in

PATIENCE = 1.0
INTERVAL = 0.2
"""Seconds before something is shown, and between two changes of it."""

WIDTH = 30
"""The length of the bar in characters."""


class Status:
    """A line about the work at hand; `begin` and `end` may be called any number of times.

    It is written by a thread of its own, which reads the ``work``; so no loop anywhere knows of it.
    """

    def __init__(self, quiet: bool) -> None:
        self.work = Work()
        self._shown = not quiet and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()

    def begin(self, what: str) -> None:
        """Show from now on what is being done, instead of what was before."""
        self.work.begin(what)
        self._start()

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
            self.work.share = min(done / max(total, 1), 1.0)
            yield part
        self.end()

    def say(self, text: str) -> None:
        """Write lines to stderr that stay; what was shown goes on below them."""
        going_on = self._thread is not None
        self.end()
        sys.stderr.write(text)
        if going_on:
            self._start()

    @classmethod
    def of_command(cls, quiet: bool) -> Status:
        """Show what the command at hand is doing, until it ends at the latest."""
        status, context = cls(quiet), click.get_current_context()
        context.with_resource(kept_in(status.work))
        context.call_on_close(status.end)
        status.begin("computing")
        return status

    def _start(self) -> None:
        if self._shown and self._thread is None:
            from dzviz.language.carets import visible

            self._ended = threading.Event()
            show = (self._ended, visible)
            self._thread = threading.Thread(target=self._show, args=show, daemon=True)
            self._thread.start()

    def _show(self, ended: threading.Event, visible: Callable[[str], str]) -> None:
        shown = ""
        while not ended.wait(INTERVAL):
            what, share, seconds = self.work.what, self.work.share, self.work.seconds()
            line = ""
            if what and seconds >= PATIENCE:
                done = int(share * WIDTH)
                bar = f"[{'#' * done}{'-' * (WIDTH - done)}] {share:.0%}"
                line = f"dzviz: {visible(what)} {bar if share >= 0 else f'... {seconds:.0f} s'}"
            if line or shown:
                self._put(shown if len(line) < len(shown) else "", line)
                shown = line
        if shown:
            self._put(shown, "")

    def _put(self, before: str, line: str) -> None:
        """Write a line in the place of what stood there ``before``, where that is longer."""
        gone = f"\r{' ' * (len(before) + 8)}" if before else ""
        sys.stderr.write(f"{gone}\r{line}")
        sys.stderr.flush()
