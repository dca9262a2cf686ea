"""Text -> checked syntax tree: what an expression says, before anything is computed.

Knows the grammar, names and their places. It does not know values, arrays, or which functions
exist.

Statements are cut apart on tokens, so that Python's parser only ever sees one expression made of
allowed tokens, of bounded size; its tree then passes a closed whitelist. Names work as in Python:
what is read before it is assigned is free (so ``x = x + 1`` reads the given x), and assigning a
name again binds it again.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence
from typing import Any, Final

from dzviz.errors import Place
from dzviz.frozen import frozen
from dzviz.language.statements import statements
from dzviz.language.tokens import TextError, Token, check_nesting, check_nodes
from dzviz.records import NamedTuple

CONSTANTS: Final = {"e": math.e, "inf": math.inf, "nan": math.nan, "pi": math.pi}

OPERATORS: Final[dict[type[ast.AST], str]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.UAdd: "+",
    ast.USub: "-",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}


class Mention(NamedTuple):
    """A name where it stands in the text, in characters."""

    name: str
    span: tuple[int, int]


class Statement(NamedTuple):
    """One ``name = value``, or a value alone."""

    target: str | None
    target_span: tuple[int, int] | None
    value: ast.expr


@frozen()
class Program:
    """A checked expression; see `parse`."""

    text: str
    statements: tuple[Statement, ...]
    outputs: tuple[ast.expr, ...]
    free: tuple[Mention, ...]
    calls: tuple[Mention, ...]
    unused: tuple[Mention, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The free names that need a value, in order of first use."""
        return tuple(mention.name for mention in self.free if mention.name not in CONSTANTS)

    @property
    def constants(self) -> tuple[str, ...]:
        """The free names that are constants unless they are given a value."""
        return tuple(mention.name for mention in self.free if mention.name in CONSTANTS)

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Return where a node stands in the text: the first character and the one after."""
        return _span(node)

    def source(self, node: ast.AST) -> str:
        """Return a node's text as the user wrote it."""
        start, end = self.span(node)
        return self.text[start:end]

    def place(self, node: ast.AST) -> Place:
        """Return a node's place for an error."""
        return Place(self.text, *self.span(node))


def read(text: str) -> Program:
    """Parse without looking for a hint; raises `TextError`, which says its kind."""
    parts = statements(text)
    if not parts:
        raise TextError("empty", "the expression is empty", text, len(text), len(text))
    reader = _Reader(text)
    for tokens in parts[:-1]:
        reader.read(tokens, last=False)
    reader.read(parts[-1], last=True)
    return reader.program()


def children(node: ast.expr) -> list[ast.expr]:
    """Return the operands of a node in the order in which they are written."""
    match node:
        case ast.BinOp(left=left, right=right):
            return [left, right]
        case ast.UnaryOp(operand=operand):
            return [operand]
        case ast.Compare(left=left, comparators=comparators):
            return [left, *comparators]
        case ast.Call(args=args, keywords=keywords):
            return [*args, *(keyword.value for keyword in keywords)]
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return elements
        case ast.Subscript(value=value, slice=index):
            return [value, index]
        case ast.Slice(lower=lower, upper=upper, step=step):
            return [part for part in (lower, upper, step) if part is not None]
        case ast.Attribute(value=value):
            return [value]
        case _:
            return []


def left_operand(node: ast.expr) -> ast.expr | None:
    """Return what a chain such as ``a + b + c`` or ``x[0].T`` goes on with, to the left.

    Nesting is bounded everywhere but here: a chain is as long as the text allows, so follow it in
    a loop.
    """
    match node:
        case ast.BinOp(left=left) | ast.Compare(left=left):
            return left
        case ast.Subscript(value=value) | ast.Attribute(value=value):
            return value
        case _:
            return None


class _Reader:
    """The names seen so far, while statements are read in order."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.nodes = 0
        self.statements: list[Statement] = []
        self.outputs: tuple[ast.expr, ...] = ()
        self.free: dict[str, Mention] = {}
        self.calls: list[Mention] = []
        self.assigned: dict[str, Mention] = {}
        self.used: set[str] = set()
        self.unused: list[Mention] = []

    def program(self) -> Program:
        return Program(
            self.text,
            tuple(self.statements),
            self.outputs,
            tuple(self.free.values()),
            tuple(self.calls),
            tuple(sorted(self.unused, key=lambda mention: mention.span)),
        )

    def read(self, tokens: list[Token], *, last: bool) -> None:
        name = tokens[0] if tokens[1:2] and tokens[1].kind == "=" else None
        if name is None and not last:
            message = "this value is never used: only the last one is drawn"
            hint = "leave it out, or add it to the last one, separated by a comma"
            start, end = tokens[0].start, tokens[-1].end
            raise TextError("unused", message, self.text, start, end, hint=hint)
        tree = _parsed(self.text, tokens[2:] if name else tokens)
        self.check(tree, "output" if last and not name else "value")
        if name:
            span = name.start, name.end
            self.assign(Mention(name.text, span))
            self.statements.append(Statement(name.text, span, tree))
        else:
            self.statements.append(Statement(None, None, tree))
        if last:
            self.outputs = tuple(tree.elts) if isinstance(tree, ast.Tuple) else (tree,)
            self.used.update([name.text] if name else [])
            self.retire(*self.assigned)

    def assign(self, mention: Mention) -> None:
        self.retire(mention.name)
        self.assigned[mention.name] = mention
        self.used.discard(mention.name)

    def retire(self, *names: str) -> None:
        """Note the bindings that end without having been used."""
        ended = [name for name in names if name in self.assigned and name not in self.used]
        self.unused += [self.assigned[name] for name in ended]

    def check(self, tree: ast.expr, role: str) -> None:
        """Walk the tree from left to right, without recursion, refusing what is not listed."""
        waiting = [(tree, role, 0)]
        while waiting:
            node, role, depth = waiting.pop()
            span = _span(node)
            self.nodes += 1
            check_nodes(self.nodes, self.text, *span)
            check_nesting(depth, self.text, *span)
            _check_node(self.text, node, role)
            if isinstance(node, ast.Name):
                self.mention(node.id, span)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                self.calls.append(Mention(node.func.id, _span(node.func)))
                self.nodes += 1
            chained = left_operand(node)
            waiting += [
                (child, _role(node, role, child), depth + (child is not chained))
                for child in reversed(children(node))
            ]

    def mention(self, name: str, span: tuple[int, int]) -> None:
        if name in self.assigned:
            self.used.add(name)
        else:
            self.free.setdefault(name, Mention(name, span))


def _parsed(text: str, tokens: list[Token]) -> ast.expr:
    """Parse one expression, and count its columns in characters of the whole text."""
    start, end = tokens[0].start, tokens[-1].end
    source = _source(text, tokens)
    try:
        tree = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        message = "this is not an expression of the language"
        raise TextError("unread", message, text, start, end) from None
    characters = _characters(source)
    for node in ast.walk(tree):
        if isinstance(node, (ast.expr, ast.keyword)):
            first, last = _span(node)
            node.col_offset = start + characters[first]
            node.end_col_offset = start + characters[last]
        if isinstance(node, ast.Constant) and isinstance(node.value, int):
            node.value = _bounded(node.value)
    return tree


def _source(text: str, tokens: list[Token]) -> str:
    """Write the tokens at their columns on one line, with plain spaces between them."""
    parts = []
    position = tokens[0].start
    for token in tokens:
        parts.append(" " * (token.start - position))
        parts.append(
            _number(token.text) if token.kind == "number" else text[token.start : token.end]
        )
        position = token.end
    return "".join(parts)


def _number(written: str) -> str:
    """Return a number that Python reads: it refuses integers of thousands of digits."""
    digits = written.replace("_", "")
    if len(written) <= 300 or not digits.isdecimal():
        return written
    if math.isinf(float(digits)):
        return "1e".ljust(len(written), "9")
    return written if digits.strip("0") else "0.".ljust(len(written), "0")


def _bounded(value: int) -> int | float:
    """Return inf for what float64 cannot hold, as for ``1e999``."""
    try:
        float(value)
    except OverflowError:
        return math.inf
    return value


def _characters(source: str) -> Sequence[int]:
    """Return which character each byte of the UTF-8 text belongs to."""
    if source.isascii():
        return range(len(source) + 1)
    offsets: list[int] = []
    for index, character in enumerate(source):
        offsets += [index] * len(character.encode())
    return [*offsets, len(source)]


_ITEMS: Final = frozenset({"argument", "index", "index item"})
_PLACES: Final[dict[type, tuple[frozenset[str], str]]] = {
    ast.Tuple: (
        frozenset({"output", "argument", "index"}),
        "a tuple can only be a shape, axes, an index, or the outputs at the end",
    ),
    ast.Slice: (frozenset({"index", "index item"}), "a slice can only be an index"),
    str: (frozenset({"argument"}), "text can only be the subscripts of einsum"),
    bool: (_ITEMS | {"element"}, "True and False can only be arguments or parts of a list"),
    type(None): (_ITEMS, "None can only be an argument or an index"),
    type(...): (_ITEMS - {"argument"}, "'...' can only be an index"),
}

_ALLOWED: Final[dict[type[ast.expr], Callable[[Any], bool]]] = {
    ast.Name: lambda node: True,
    ast.Constant: lambda node: type(node.value) in {int, float, str, bool, type(None), type(...)},
    ast.BinOp: lambda node: type(node.op) in OPERATORS,
    ast.UnaryOp: lambda node: type(node.op) in OPERATORS,
    ast.Compare: lambda node: len(node.ops) == 1 and type(node.ops[0]) in OPERATORS,
    ast.Call: lambda node: isinstance(node.func, ast.Name) and _plain(node.keywords),
    ast.List: lambda node: True,
    ast.Tuple: lambda node: True,
    ast.Subscript: lambda node: True,
    ast.Slice: lambda node: True,
    ast.Attribute: lambda node: node.attr == "T",
}


def _plain(keywords: list[ast.keyword]) -> bool:
    return all(keyword.arg is not None for keyword in keywords)


def _check_node(text: str, node: ast.expr, role: str) -> None:
    allowed = _ALLOWED.get(type(node))
    if allowed is None or not allowed(node):
        message = f"this ({type(node).__name__}) is not part of the language"
        raise TextError("unread", message, text, *_span(node))
    kind = type(node.value) if isinstance(node, ast.Constant) else type(node)
    roles, message = _PLACES.get(kind, (None, ""))
    if roles is not None and role not in roles:
        raise TextError("place", message, text, *_span(node))
    if isinstance(node, ast.Tuple) and role == "output" and not node.elts:
        raise TextError("empty", "the tuple is empty: there is no output", text, *_span(node))
    if isinstance(node, ast.Call):
        _check_keywords(text, node.keywords)


def _check_keywords(text: str, keywords: list[ast.keyword]) -> None:
    seen = set()
    for keyword in keywords:
        if keyword.arg in seen:
            message = f"the argument '{keyword.arg}' is given twice"
            raise TextError("argument", message, text, *_span(keyword))
        seen.add(keyword.arg)


def _role(parent: ast.expr, role: str, child: ast.expr) -> str:
    """Say what a child is to its parent: some nodes are only allowed as something."""
    match parent:
        case ast.Call():
            return "argument"
        case ast.List():
            return "element"
        case ast.Subscript(slice=index) if child is index:
            return "index"
        case ast.Tuple() if role == "index":
            return "index item"
        case _:
            return "value"


def _span(node: ast.AST) -> tuple[int, int]:
    assert isinstance(node, (ast.expr, ast.keyword))  # the others have no place
    assert node.end_col_offset is not None  # what was parsed has one
    return node.col_offset, node.end_col_offset
