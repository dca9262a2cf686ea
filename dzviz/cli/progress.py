"""How far long work is: a bar on the terminal, where stderr is one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence

import click


def watcher(*, quiet: bool) -> Callable[[Sequence[str]], Iterable[str]]:
    """Return what shows the progress of work on each of its steps, or nothing at all."""
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return iter
    return _watched


def _watched(steps: Sequence[str]) -> Iterator[str]:
    with click.progressbar(steps, label="dzviz: drawing", file=sys.stderr) as bar:
        yield from bar
