"""A place in a parsed JSON document, which knows its path for errors. It knows no graph."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, NoReturn

from dzviz.errors import UsageError, did_you_mean

KINDS = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
"""What values are called; others are numbers."""


class Cursor:
    """A value of a document at its place."""

    __slots__ = ("_key", "_parent", "value")

    def __init__(self, value: Any, parent: Cursor | None = None, key: str | int = "") -> None:
        self.value = value
        self._parent = parent
        self._key = key

    @property
    def path(self) -> str:
        """Its JSON path: ``$.nodes[3].grad``."""
        if self._parent is None:
            return "$"
        if isinstance(self._key, int):
            return f"{self._parent.path}[{self._key}]"
        plain = re.fullmatch(r"\w{1,60}", self._key)
        return f"{self._parent.path}{f'.{self._key}' if plain else f'[{short(self._key)}]'}"

    def fail(self, what: str, hint: str | None = None) -> NoReturn:
        """Refuse what stands here.

        Raises:
            UsageError: Always.
        """
        raise UsageError(f"{self.path}: {what}", hint=hint)

    def known(self, names: Collection[str]) -> Cursor:
        """Return itself, an object that has none but these members."""
        for name in self._object():
            if name not in names:
                Cursor(None, self, name).fail("there is no such member", did_you_mean(name, names))
        return self

    def get(self, name: str) -> Cursor | None:
        """Return a member of an object; None where there is none, or null."""
        value = self._object().get(name)
        return None if value is None else Cursor(value, self, name)

    def need(self, name: str) -> Cursor:
        """Return a member that has to be there."""
        found = self.get(name)
        if found is None:
            self.fail(f"it has no '{name}'")
        return found

    def items(self) -> list[Cursor]:
        """Return the items of a list."""
        if not isinstance(self.value, list):
            self.fail(f"a list belongs here, not {self.kind}")
        return [Cursor(item, self, i) for i, item in enumerate(self.value)]

    def list_of(self, name: str) -> list[Cursor]:
        """Return the items of a member that may be missing."""
        found = self.get(name)
        return [] if found is None else found.items()

    def text(self) -> str:
        """Return a text."""
        if not isinstance(self.value, str):
            self.fail(f"text belongs here, not {self.kind}")
        return self.value

    def whole(self, least: int = 0, most: int = 2**53) -> int:
        """Return a whole number."""
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            self.fail(f"a whole number belongs here, not {self.kind}")
        if not least <= self.value <= most:
            self.fail(f"a number from {least} to {most} belongs here")
        return self.value

    def flag(self) -> bool:
        """Return true or false."""
        if not isinstance(self.value, bool):
            self.fail(f"true or false belongs here, not {self.kind}")
        return self.value

    def choice(self, words: Collection[str]) -> str:
        """Return one of these words."""
        if self.value not in list(words):
            self.fail(f"one of {', '.join(words)} belongs here, not {short(self.value)}")
        return str(self.value)

    @property
    def kind(self) -> str:
        """What kind of value it is, in words."""
        return KINDS.get(type(self.value), "a number")

    def _object(self) -> dict[str, Any]:
        if not isinstance(self.value, dict):
            self.fail(f"an object belongs here, not {self.kind}")
        return self.value


def text_of(place: Cursor | None) -> str | None:
    """Return the text of a member, if it is there."""
    return None if place is None else place.text()


def short(value: object) -> str:
    """Quote what was given, of a long text the beginning."""
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
