"""Which formats keep to ASCII, and what of them may not."""

import re

_OTHERS = r'<template[^>]* data-lang="(ko|ja)">.*?</template>'


def in_one_language(text: str) -> str:
    """Return a page without what it says in other languages, for its button."""
    return re.sub(_OTHERS, "", text, flags=re.DOTALL)
