"""The table of forms of a derivation: text, TeX, HTML with MathML, Markdown."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from html import escape
from itertools import groupby

import numpy as np

from dzviz.equations.derivation import Derivation, results_of
from dzviz.equations.indices import INDEX, Line, Loops
from dzviz.equations.mathml import MathML
from dzviz.equations.notation import Names, Plain
from dzviz.equations.numbers import numbers, result
from dzviz.equations.tex import Tex
from dzviz.errors import UsageError
from dzviz.graph.model import VariableNode
from dzviz.graph.ranges import Range
from dzviz.graph.rounded import bound_of
from dzviz.options import ENGLISH, Look
from dzviz.records import NamedTuple
from dzviz.text.labels import reference
from dzviz.text.languages import say
from dzviz.text.numbers import number, value_text
from dzviz.text.phrases import clean

DETAILS: Mapping[str, str] = {
    "steps": "each line in symbols and in numbers",
    "rules": "only in symbols",
    "result": "only the derivatives of the variables, each in one equation",
}
"""How much is shown."""

NAME, COLUMN, LONGEST = 2, 30, 60
"""Names take at least so much room, the symbols begin the next column at least so far to the right,
and what is longer moves no others."""


class Row(NamedTuple):
    """A line as it is written: the left side, in symbols, in numbers, and what it comes to."""

    turn: int
    left: tuple[str, ...]
    symbols: str
    numbers: str
    value: str


class Form(NamedTuple):
    """A form of derivations."""

    name: str
    help: str
    write: Callable[[Derivation, Look, str], Iterator[str]]


def rows(
    derivation: Derivation, notation: Plain, look: Look, detail: str, names: Names
) -> Iterator[Row]:
    """Write the lines of a derivation, each in its cells."""
    chosen = results_of(derivation) if detail == "result" else derivation
    for line in chosen.lines:
        given = line.right.key == line.left[0].key  # a constant, which is as it is
        symbols = "" if given else notation.write(line.right)
        left = tuple([notation.write(term) for term in line.left])
        if detail == "rules":
            parts = [_shape(line), _span(line, derivation.loops.letter)]
            words = " ".join(filter(None, parts))
            yield Row(line.turn, left, symbols, "", notation.words(words) if words else "")
            continue
        span = _span(line, derivation.loops.letter)
        value = _value(line, notation, look) + (notation.words(f"  {span}") if span else "")
        numbers_text = numbers(line, look)
        formula = "" if symbols == value else symbols
        yield Row(
            line.turn, left, formula, _spaced(numbers_text, notation) if numbers_text else "", value
        )


def _span(line: Line, letter: str) -> str:
    """Say for which times a line is."""
    if line.span is None:
        return ""
    first, last = line.span
    return f"({letter} = {first} .. {last})"


def _shape(line: Line) -> str:
    shape = line.value.shape if isinstance(line.value, Range) else np.shape(line.value)
    return str(shape) if shape else ""


def _value(line: Line, notation: Plain, look: Look) -> str:
    """Write what a line comes to; a small array by its elements, where the notation has rows."""
    value = line.value
    if not isinstance(notation, Tex):
        return result(line, look)
    if isinstance(value, Range):
        return notation.words(value_text(value, look))
    if not np.shape(value):
        return notation.number(number(np.asarray(value), look.precision, _bound(value)))
    if not isinstance(value, np.ndarray) or value.size > look.max_elements or not value.size:
        return notation.words(value_text(value, look))
    bounds = bound_of(value)
    known = np.zeros(value.shape) if bounds is None else np.asarray(bounds)
    pairs = zip(np.asarray(value).ravel(), known.ravel().tolist(), strict=True)
    texts = iter([number(x, look.precision, bound) for x, bound in pairs])
    return notation.array(np.asarray(value), lambda _: next(texts))


def _bound(value: object) -> float:
    known = bound_of(value)
    return 0.0 if known is None else float(np.asarray(known))


def _spaced(text: str, notation: Plain) -> str:
    """Write numbers with operators between them."""
    if not isinstance(notation, Tex):
        return text
    made = []
    for word in text.split(" "):
        bare = word.strip("()")
        if not re.search(r"\w", bare):
            made.append(notation.signs(bare))
        else:
            one = notation.number(bare)
            made.append(notation.bracketed(one) if word.startswith("(") else one)
    return " ".join(made)


def write_text(derivation: Derivation, look: Look, detail: str) -> Iterator[str]:
    """Write lines whose signs of equality stand below each other."""
    names = names_of(derivation)
    table = list(rows(derivation, Plain(names), look, detail, names))
    heads: list[str] = []
    for _, group in groupby(table, lambda row: row.turn):
        lefts = [row.left for row in group]
        width = max([NAME, *(len(left[0]) for left in lefts if len(left[0]) <= LONGEST)])
        heads += [" = ".join([left[0].ljust(width), *left[1:]]) for left in lefts]
    pairs = zip(heads, table, strict=True)
    starts = [f"{head} = {row.symbols}" if row.symbols else head for head, row in pairs]
    column = max([COLUMN, *(len(start) for start in starts if len(start) <= LONGEST)])
    width = max([len(row.numbers) for row in table], default=0)
    between = "  " if detail == "rules" else " = "
    for start, row in zip(starts, table, strict=True):
        cells = start
        if row.numbers:
            cells = f"{cells.ljust(column)} = {row.numbers.ljust(width)}"
        if row.value:
            cells = f"{cells if row.numbers else cells.ljust(column)}{between}{row.value}"
        yield f"{cells.rstrip()}\n"


def write_tex(derivation: Derivation, look: Look, detail: str) -> Iterator[str]:
    """Write an environment of amsmath, for a document that loads it; in English."""
    look = replace(look, lang=ENGLISH)
    names = names_of(derivation)
    table = list(rows(derivation, Tex(names), look, detail, names))
    yield "\\begin{alignat*}{3}\n"
    for i, row in enumerate(table):
        sign = "" if detail == "rules" else "= "
        parts = [row.symbols and f"= {row.symbols}", row.numbers and f"= {row.numbers}"]
        parts.append(row.value and f"{sign}{row.value}")
        cells = " && ".join(parts).rstrip(" &")
        end = r" \\" if i + 1 < len(table) else ""
        yield f"{' = '.join(row.left)} & {cells}{end}\n"
    yield "\\end{alignat*}\n"


def write_markdown(derivation: Derivation, look: Look, detail: str) -> Iterator[str]:
    """Write a list of formulas between dollars, as GitHub and others read them; in English."""
    look = replace(look, lang=ENGLISH)
    for line in tex_lines(derivation, look, detail):
        yield f"- $\\displaystyle {_for_markdown(line)}$\n"


def tex_lines(derivation: Derivation, look: Look, detail: str) -> Iterator[str]:
    """Write each line as a formula of TeX of its own."""
    names = names_of(derivation)
    for row in rows(derivation, Tex(names), look, detail, names):
        yield joined(row, " = ", r" \quad " if detail == "rules" else " = ")


def joined(row: Row, equal: str, last: str) -> str:
    """Join the cells of a row."""
    cells = [cell for cell in (*row.left, row.symbols, row.numbers) if cell]
    return f"{equal.join(cells)}{last}{row.value}" if row.value else equal.join(cells)


def _for_markdown(text: str) -> str:
    """Keep what Markdown would take for its own: it reads a backslash before a sign first."""
    return re.sub(r"\\(?=[^\w\s])", r"\\\\", text)


def write_html(derivation: Derivation, look: Look, detail: str) -> Iterator[str]:
    """Write a page of MathML, without a script."""
    title = escape(clean(derivation.graph.title or "") or say(look.lang, "derivation"))
    yield (
        f'<!DOCTYPE html>\n<html lang="{look.lang}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{title}</title>\n"
        "<style>body { font-family: sans-serif; margin: 2em } math { font-size: 1.2em }</style>\n"
        f"</head>\n<body>\n<h1>{title}</h1>\n"
    )
    yield from fragment(derivation, look, detail)
    yield "</body>\n</html>\n"


CELL = ' style="text-align:{};padding:0.4em 0.15em"'
"""How the cells of a derivation stand: the left side to the right, everything else to the left."""


def fragment(derivation: Derivation, look: Look, detail: str) -> Iterator[str]:
    """Write the derivation as one element, for a page."""
    names = names_of(derivation)
    yield '<math display="block"><mtable>\n'
    for row in rows(derivation, MathML(names), look, detail, names):
        yield f"<mtr>{''.join(_cells(row, detail))}</mtr>\n"
    yield "</mtable></math>\n"


def _cells(row: Row, detail: str) -> Iterator[str]:
    equal = "<mo>=</mo>"
    yield _cell(equal.join(row.left), "right")
    for cell in (cell for cell in (row.symbols, row.numbers, row.value) if cell):
        sign = equal if detail != "rules" or cell != row.value else ""
        yield _cell(sign + cell, "left")


def _cell(text: str, side: str) -> str:
    return f'<mtd{CELL.format(side)}><mrow displaystyle="true">{text}</mrow></mtd>'


FORMS: Mapping[str, Form] = {
    form.name: form
    for form in (
        Form("text", "lines for the terminal", write_text),
        Form("tex", "an environment of amsmath", write_tex),
        Form("html", "a page of MathML, without a script", write_html),
        Form("markdown", "formulas between dollars, as on GitHub", write_markdown),
    )
}
"""Every form of a derivation by its name."""


SUFFIXES = {".txt": "text", ".tex": "tex", ".html": "html", ".htm": "html", ".md": "markdown"}
"""The forms by the suffixes of files."""


def form_of_file(path: str) -> str:
    """Return the form that a file's suffix asks for.

    Raises:
        UsageError: It is none.
    """
    suffix = os.path.splitext(path)[1].lower()
    if suffix not in SUFFIXES:
        raise UsageError(
            f"a derivation cannot be '{path}'",
            hint=f"use {', '.join(SUFFIXES)}, or name a format with -T",
        )
    return SUFFIXES[suffix]


def names_of(derivation: Derivation) -> Names:
    """Name all nodes; one of several with one name gets a number behind it.

    One of a loop has the name of its body's node, with its time as an index.
    """
    graph = derivation.graph
    nodes = [node for node in graph.nodes if isinstance(node, VariableNode)]
    loops = derivation.loops
    bases = bases_of(nodes, loops)
    outputs = {*graph.outputs, *(id for ids in derivation.origins.values() for id in ids)}
    inside = {
        id: f"{bases[body]}{INDEX}{time}"
        for id, (body, time) in loops.places.items()
        if body in bases and id not in outputs
    }
    others = [node for node in nodes if node.id not in inside]
    taken = {node.name for node in nodes}
    alone = next((name for name in ("y", "out") if name not in taken), "")
    alone = alone if len(graph.outputs) == 1 else ""
    names = unique(
        (node.id, clean(node.name) or (node.id in outputs and alone) or reference(node))
        for node in others
    )
    names.update(inside)
    arrays = {node.id for node in nodes if node.shape}
    return Names(names, derivation.origins, arrays, bases)


def bases_of(nodes: Sequence[VariableNode], loops: Loops) -> dict[str, str]:
    """Name the nodes of a loop's body: as the source does, or as all times do."""
    members: dict[str, list[VariableNode]] = {}
    for node in nodes:
        if node.id in loops.places:
            members.setdefault(loops.places[node.id][0], []).append(node)
    found: dict[str, str] = {}
    for body, those in members.items():
        names = {clean(node.name) for node in those}
        own = names.pop() if len(names) == 1 else ""
        found[body] = loops.bases.get(body) or own or reference(those[0]._replace(name=None))
    return found


def unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Make each name one's own: ``a``, ``a_2``, ``a_3``."""
    found: dict[str, str] = {}
    listed = list(pairs)
    taken = {name for _, name in listed}
    seen: set[str] = set()
    for id, name in listed:
        own, count = name, 1
        while own in seen or (count > 1 and own in taken):
            count += 1
            own = f"{name}_{count}"
        seen.add(own)
        found[id] = own
    return found
