"""How far long work is: a bar on the terminal, where stderr is one."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import click

PATIENCE = 1.0
"""Work that is done within so many seconds shows no bar."""


def watcher(*, quiet: bool) -> Callable[[Sequence[Any]], Iterable[Any]]:
    """Return what shows the progress of work on each of its steps, or nothing at all."""
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return iter
    return _watched


def _watched(steps: Sequence[Any]) -> Iterator[Any]:
    begin = time.monotonic()
    with ExitStack() as stack:
        bar = None
        for done, step in enumerate(steps):
            if bar is not None:
                bar.update(1)
            elif time.monotonic() - begin > PATIENCE:
                bar = stack.enter_context(
                    click.progressbar(length=len(steps), label="dzviz: drawing", file=sys.stderr)
                )
                bar.update(done)
            yield step
        if bar is not None:
            bar.update(1)
