"""The table of sentences: each in English, with its fields, and the same in Korean and Japanese.

Terms are those of the Korean and Japanese editions of *Deep Learning from Scratch*. After a field
no particle stands that depends on the sound it ends with.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache


@cache
def table() -> Mapping[str, tuple[str, str]]:
    """Return every sentence by its English: Korean, Japanese."""
    from dzviz.text.sentences import answers, pages, passes, pictures  # English needs none

    found: dict[str, tuple[str, str]] = {}
    for part in (pictures, passes, answers, pages):
        found |= part.SENTENCES
    return found
