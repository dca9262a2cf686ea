"""Warnings about a result: one line each on stderr."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def warn(warnings: Sequence[str], notes: Sequence[str] = (), *, quiet: bool) -> None:
    """Write warnings, and notes that are none, unless it is to be ``quiet``."""
    if quiet or not (warnings or notes):
        return
    from dzviz.language.carets import visible

    for text in warnings:
        sys.stderr.write(f"dzviz: warning: {visible(text)}\n")
    for text in notes:
        sys.stderr.write(f"dzviz: {visible(text)}\n")
