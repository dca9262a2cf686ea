"""The table of sentences: each in English, with its fields, and the same in Korean and Japanese.

Terms are those of the Korean and Japanese editions of *Deep Learning from Scratch*. After a field no
particle stands that depends on the sound it ends with.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module

PARTS = ("pictures", "passes", "answers", "pages")
"""The modules that have them."""


@cache
def table() -> Mapping[str, tuple[str, str]]:
    """Return every sentence by its English: Korean, Japanese."""
    found: dict[str, tuple[str, str]] = {}
    for part in PARTS:
        found.update(import_module(f"{__name__}.{part}").SENTENCES)
    return found
