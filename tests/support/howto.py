"""What the guides in docs/howto show: their blocks by language."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def blocks(guide: str, language: str) -> list[str]:
    """Return the fenced blocks of a language, in order."""
    text = (ROOT / "docs/howto" / f"{guide}.md").read_text(encoding="utf-8")
    found = re.findall(r"^(`{3,})(.*)\n((?:.*\n)*?)\1$", text, re.MULTILINE)
    return [body for _, name, body in found if name == language]
