"""What README shows: its commands, what they print, and its Python."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


class Example(NamedTuple):
    """A command and the lines under it."""

    command: str
    printed: str


def blocks(language: str) -> list[str]:
    """Return the fenced blocks of a language; README has no others."""
    found = re.findall(r"^```(.*)\n((?:.*\n)*?)```$", README, re.MULTILINE)
    assert {name for name, _ in found} == {"sh", "python"}
    return [text for name, text in found if name == language]


def examples() -> list[Example]:
    """Return every ``$ command`` with what it prints."""
    sessions = [text for text in blocks("sh") if text.startswith("$ ")]
    found = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", "".join(sessions), re.MULTILINE)
    return [Example(*match) for match in found]


def setup() -> list[str]:
    """Return the commands that prepare a machine: the blocks without prompts."""
    scripts = [text for text in blocks("sh") if not text.startswith("$ ")]
    return "".join(scripts).splitlines()
