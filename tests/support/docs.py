"""What the pages of the project show: commands and what they print, files, and Python.

A page is README in one of its languages, or a file of docs/. Of its fenced blocks

- ``sh`` with ``$`` before each command is a session on a terminal, run from the top of the page to
  its end in one folder;
- ``sh`` without it, in README, is the set-up of a machine; in a gallery, what draws its pictures;
- a block whose first line is a comment with a file's name is that file, and lies in the folder;
- other ``python`` is one script a page;
- any other is only shown.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from support.tools import BACKENDS, PROGRAMS

ROOT = Path(__file__).parents[2]

FILE = re.compile(r"(?:#|%|//|<!--) ((?:[\w.-]+/)*(?:[\w.-]+\.\w+|Makefile))(?: -->)?\n")
"""The first line of a block that is a file."""


class Block(NamedTuple):
    """A fenced block: its language, and its text."""

    language: str
    text: str

    @property
    def is_session(self) -> bool:
        """Whether it shows a terminal."""
        return self.language == "sh" and self.text.startswith("$ ")


class Example(NamedTuple):
    """A command and the lines under it."""

    command: str
    printed: str

    @property
    def tools(self) -> set[str]:
        """The programs it runs that pip does not bring."""
        words = {part.split()[0] for part in re.split(r" \| | && ", self.command)}
        return words & set(PROGRAMS)


class Page(NamedTuple):
    """A page by its path in the project."""

    path: Path

    @property
    def name(self) -> str:
        """Its path as the project's pages name it."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def backend(self) -> str | None:
        """The package beside the project's own that it needs: it is about that."""
        return self.path.stem if self.path.stem in BACKENDS else None

    @property
    def text(self) -> str:
        """All of it."""
        return self.path.read_text(encoding="utf-8")

    @property
    def blocks(self) -> list[Block]:
        """Its fenced blocks; those within longer fences are text of theirs."""
        found = re.findall(r"^(`{3,})(\w*)\n((?:.*\n)*?)\1$", self.text, re.MULTILINE)
        return [Block(language, text) for _, language, text in found]

    @property
    def examples(self) -> list[Example]:
        """Every ``$ command`` with what it prints."""
        sessions = "".join(block.text for block in self.blocks if block.is_session)
        found = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", sessions, re.MULTILINE)
        return [Example(*match) for match in found]

    @property
    def scripts(self) -> list[str]:
        """What its ``sh`` without prompts says."""
        return [b.text for b in self.blocks if b.language == "sh" and not b.is_session]

    @property
    def files(self) -> dict[str, str]:
        """The files it shows."""
        named = [(FILE.match(block.text), block.text) for block in self.blocks]
        return {found[1]: text for found, text in named if found}

    @property
    def python(self) -> str:
        """Its Python that is no file, as one script."""
        texts = [block.text for block in self.blocks if block.language == "python"]
        return "\n".join(text for text in texts if not FILE.match(text))


README = Page(ROOT / "README.md")

TRANSLATIONS = [Page(path) for path in sorted(ROOT.glob("README.*.md"))]

DOCS = [Page(path) for path in sorted((ROOT / "docs").rglob("*.md"))]


def setup() -> list[str]:
    """Return the commands that prepare a machine, as README tells them."""
    return "".join(README.scripts).splitlines()
