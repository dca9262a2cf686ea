"""A text with its fault, and the stretches of tokens around that."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from dzviz.language.tokens import Token, lexemes
from dzviz.records import NamedTuple


class Wrong(NamedTuple):
    """A text and its fault: ``tokens[at]`` is the first token at fault."""

    text: str
    end: int
    tokens: list[Token]
    at: int
    functions: Collection[str]

    @property
    def token(self) -> Token:
        """The first token at fault."""
        return self.tokens[self.at]

    def before(self, distance: int = 1) -> Token:
        """Return an earlier token; blank where there is none."""
        index = self.at - distance
        return self.tokens[index] if index >= 0 else NOTHING

    def after(self, distance: int = 1) -> Token:
        """Return a later token; blank where there is none."""
        index = self.at + distance
        return self.tokens[index] if index < len(self.tokens) else NOTHING

    def source(self, first: int, last: int) -> str:
        """Return the text of the tokens ``first`` to ``last - 1``."""
        return (
            self.text[self.tokens[first].start : self.tokens[last - 1].end] if last > first else ""
        )

    def replaced(self, first: int, last: int, new: str) -> str:
        """Return the text with those tokens replaced."""
        start, end = self.tokens[first].start, self.tokens[last - 1].end
        return self.text[:start] + new + self.text[end:]


NOTHING: Final = Token("blank", "", -1, -1)
OPENERS: Final = {"(": ")", "[": "]"}
CLOSERS: Final = {")": "(", "]": "["}
ATOMS: Final = frozenset({"name", "number", "constant", "complex"})
ENDS: Final = frozenset({";", "newline"})
SEPARATORS: Final = ENDS | {",", "=", ":"}


def significant(text: str) -> list[Token]:
    """Return the tokens without blanks, and without newlines inside brackets."""
    tokens, depth = [], 0
    for token in lexemes(text):
        depth += (token.kind in OPENERS) - (token.kind in CLOSERS and depth > 0)
        if token.kind != "blank" and (token.kind != "newline" or not depth):
            tokens.append(token)
    return tokens


def partner(tokens: Sequence[Token], at: int) -> int | None:
    """Return where the bracket at a place is closed, or was opened."""
    step = 1 if tokens[at].kind in OPENERS else -1
    depth = 0
    index = at
    while 0 <= index < len(tokens):
        depth += (tokens[index].kind in OPENERS) - (tokens[index].kind in CLOSERS)
        if depth == 0:
            return index
        index += step
    return None


def atom_end(tokens: Sequence[Token], at: int) -> int | None:
    """Return the end of the value that begins at a place: a name, a number, a call, brackets."""
    if at >= len(tokens):
        return None
    if tokens[at].kind in OPENERS:
        closer = partner(tokens, at)
        end = None if closer is None else closer + 1
    else:
        end = at + 1 if tokens[at].kind in ATOMS else None
    while end is not None and end < len(tokens) and tokens[end].start == tokens[end - 1].end:
        if tokens[end].kind in OPENERS and tokens[end - 1].kind != "number":
            closer = partner(tokens, end)
            end = None if closer is None else closer + 1
        elif tokens[end].kind == "." and end + 1 < len(tokens):
            end += 2
        else:
            break
    return end


def argument_end(wrong: Wrong, at: int) -> int | None:
    """Return the end of a function's argument without brackets: ``2x`` in ``sin 2x + 1``."""
    tokens = wrong.tokens
    while at < len(tokens) and tokens[at].text in {"+", "-"}:
        at += 1
    end = atom_end(tokens, at)
    while end is not None and end < len(tokens):
        if tokens[end].text == "**":
            end = argument_end(wrong, end + 1)
        elif tokens[end].start == tokens[end - 1].end and tokens[end].kind in ATOMS:
            end = atom_end(tokens, end)
        elif tokens[end - 1].text in wrong.functions and tokens[end].kind in ATOMS:
            end = argument_end(wrong, end)
        else:
            break
    return end


def atom_start(tokens: Sequence[Token], at: int) -> int | None:
    """Return the start of the value that ends at a place."""
    while True:
        if tokens[at].kind in CLOSERS:
            opener = partner(tokens, at)
            if opener is None:
                return None
            at = opener
            joined = at > 0 and tokens[at - 1].end == tokens[at].start
            if joined and tokens[at - 1].kind in {"name", ")", "]"}:
                at -= 1
                continue
        elif tokens[at].kind not in ATOMS:
            return None
        if at > 1 and tokens[at - 1].kind == ".":
            at -= 2
            continue
        return at


def stretch(tokens: Sequence[Token], at: int) -> tuple[int, int]:
    """Return the tokens around a place up to the next commas, brackets and statements."""
    first = last = at
    depth = 0
    while first > 0:
        kind = tokens[first - 1].kind
        depth += (kind in CLOSERS) - (kind in OPENERS)
        if depth < 0 or (not depth and kind in SEPARATORS):
            break
        first -= 1
    depth = 0
    while last < len(tokens):
        kind = tokens[last].kind
        depth += (kind in OPENERS) - (kind in CLOSERS)
        if depth < 0 or (not depth and kind in SEPARATORS):
            break
        last += 1
    return first, last


def bracketed(wrong: Wrong, first: int, last: int) -> str:
    """Return the text of some tokens, in brackets unless they are one value."""
    source = wrong.source(first, last)
    return source if atom_end(wrong.tokens, first) == last else f"({source})"


def power_moved(wrong: Wrong, first: int, last: int, power: str) -> str | None:
    """Put a power behind the argument: ``sin**2 x`` becomes ``sin(x)**2``."""
    if first == 0 or wrong.tokens[first - 1].text not in wrong.functions:
        return None
    end = atom_end(wrong.tokens, last)
    if end is None:
        return None
    argument = wrong.source(last, end)
    if wrong.tokens[last].kind != "(":
        argument = f"({argument})"
    return wrong.replaced(first, end, argument + power)
