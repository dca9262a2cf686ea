"""Which of a command line's words is the expression, which are options and their values.

It knows which options there are, but no value of any.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import click

from dzviz.arguments.values import hint_for, shortened
from dzviz.errors import UsageError
from dzviz.records import NamedTuple

INSTEAD = {
    "-f": "--file",
    "--file": "--file",
    "--py-function": "--py-function",
    "--graph": "--graph",
}
"""The options that stand for an expression."""


class Found(NamedTuple):
    """What `split` found: expressions, or the options that stand for one, and the other words.

    ``options`` are those among them that begin with two minuses, each with its value.
    """

    texts: tuple[str, ...]
    sources: dict[str, str]
    rest: list[str]
    options: list[tuple[str, str]]

    @property
    def text(self) -> str | None:
        """The first expression."""
        return self.texts[0] if self.texts else None

    @property
    def file(self) -> str | None:
        """The file of an expression."""
        return self.sources.get("--file")

    @property
    def function(self) -> str | None:
        """The name of a function."""
        return self.sources.get("--py-function")

    @property
    def graph(self) -> str | None:
        """The file of a graph."""
        return self.sources.get("--graph")


def split(args: Sequence[str], params: Sequence[click.Parameter], *, most: int = 1) -> Found:
    """Find the expression among the arguments, or as many as there are at ``most``.

    It is the first argument that is neither an option nor an option's value, or whatever stands
    behind ``--``. An unknown ``--name`` takes one value. A single
    minus begins an option only when it is one of ours: ``-x**2`` is an expression.

    Raises:
        UsageError: There is one expression too many.
    """
    words = _Words(args, params, most)
    words.read()
    found = Found(tuple(words.texts), words.sources, words.rest, words.options)
    ways = [f"by {way}" for way in dict.fromkeys(INSTEAD.values()) if found.sources.get(way)]
    if found.text:
        ways.insert(0, "as an argument")
    if len(ways) > 1:
        files = [(o, found.sources.get(o)) for o in ("--file", "--graph")] if found.text else []
        hints = (hint_for(str(found.text), [option], name) for option, name in files if name)
        hint = next(filter(None, hints), None)
        raise UsageError(f"what to compute is given twice: {' and '.join(ways)}", hint=hint)
    return found


class _Words:
    """Takes one word after the other from those that are pending."""

    def __init__(self, args: Sequence[str], params: Sequence[click.Parameter], most: int) -> None:
        options = [param for param in params if isinstance(param, click.Option)]
        self.flags = {name for option in options if option.is_flag for name in option.opts}
        self.flags |= {"-h", "--help"}
        self.valued = {name for option in options if not option.is_flag for name in option.opts}
        # Of -o click makes the error that there is no --o first, with all that is like it: 3 ms.
        self.long = {name: option.opts[-1] for option in options for name in option.opts[:-1]}
        self.pending = list(args)
        self.most = most
        self.texts: list[str] = []
        self.before: list[str] = []
        self.sources: dict[str, str] = {}
        self.rest: list[str] = []
        self.options: list[tuple[str, str]] = []

    def read(self) -> None:
        while self.pending:
            word = self.pending.pop(0)
            if word == "--":
                while len(self.texts) < self.most and self.pending:
                    self.texts.append(self.pending.pop(0))
                self.rest += ["--", *self.pending] if self.pending else []
                return
            self.take(word)

    def take(self, word: str) -> None:
        name, equals, value = word.partition("=")
        if word.startswith("--"):  # as click reads it, who takes a full-width letter for a letter
            name = unicodedata.normalize("NFKC", name)
            word = f"{name}{equals}{value}"
        if name in self.flags:
            self.rest.append(self.long.get(word, word))
            self.options.append((name, value))
        elif word.startswith("--") and len(word) > 2:
            self.rest.append(word)
            value = value if equals else self.value_of(name)
            self.options.append((name, value))
            self.note(name, value)
        elif word in self.valued:
            self.rest.append(self.long.get(word, word) if self.pending else word)
            if self.pending:
                self.rest.append(self.pending.pop(0))
                self.note(word, self.rest[-1])
        elif word[:2] in self.valued and len(word) > 2 and _looks_attached(word):
            self.rest.append(word)
            self.note(word[:2], word[2:])
        elif len(self.texts) < self.most:
            self.texts.append(word)
            self.before = self.rest[-1:]
        else:
            raise self.one_too_many(self.texts[-1], word)

    def value_of(self, name: str) -> str:
        """Take the value of a long option; of an unknown one it is no option."""
        follows = self.pending[0] if self.pending else ""
        is_option = follows.startswith("--") or follows in self.flags | self.valued
        if not self.pending or (is_option and name not in self.valued):
            return ""
        self.rest.append(self.pending.pop(0))
        return self.rest[-1]

    def note(self, name: str, value: str) -> None:
        if name in INSTEAD:
            self.sources[INSTEAD[name]] = value

    def one_too_many(self, text: str, word: str) -> UsageError:
        hint = hint_for(word, self.before, text) or hint_for(text, self.rest[-1:], word)
        named = re.fullmatch(r"-?(\w+)(=.*)?", word)
        if hint is None and named and not named[1].isdecimal():
            hint = f"a value is given as --{named[1]} VALUE, and the whole expression in quotes"
        count = "one expression at a time" if self.most == 1 else f"it takes {self.most} operands"
        return UsageError(
            f"{count}: {shortened(text)} is one already, so what is {shortened(word)}?",
            hint=hint or "put the whole expression in quotes; dzviz beside A B draws two",
        )


def _looks_attached(arg: str) -> bool:
    """Tell ``-osin.svg`` and ``-Tjson`` from an expression like ``-o*2``."""
    return not arg[2:3].isspace() and arg[2] not in "*+-/)@"
