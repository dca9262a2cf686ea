"""The views of a page: ops that are made of others as one node, or with their parts.

Each view is a graph of its own, of which the page has the picture; its script shows one of them.
The view of all parts alone has steps.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from html import escape

from dzviz.graph.groups import collapse, folded, stand_ins
from dzviz.graph.model import CLOSED, Graph, Group
from dzviz.options import ENGLISH
from dzviz.records import NamedTuple
from dzviz.styles import style_named
from dzviz.text.languages import say
from dzviz.text.phrases import clean, listed

ALL = "all"
"""The key of the view with all parts."""

MOST = 1500
"""Ops are opened alone where the pictures for that have no more nodes than these together."""


class View(NamedTuple):
    """One view: its ``key`` in the page's address, the ``graph`` that is drawn, and a ``note``.

    ``opens`` tells which click leads to another view: its key, and ids of nodes of which the first
    that is drawn is meant; ``closes`` tells the same of frames. A view that ``is_whole`` has all
    nodes.
    """

    key: str
    graph: Graph
    note: str = ""
    opens: tuple[tuple[str, tuple[str, ...]], ...] = ()
    closes: tuple[tuple[str, str], ...] = ()
    is_whole: bool = True


def views(
    graph: Graph, expanded: Collection[str], style: str, lang: str = ENGLISH
) -> Iterator[View]:
    """Make the views of a graph, first the one that is shown first; ``expanded`` are open there."""
    ops = [group for group in graph.groups if group.kind in CLOSED]
    if not ops or graph.folded is not None or not style_named(style).folds:
        yield View("", graph)
        return
    first = folded(graph, None, expanded)
    alone = len(ops) * len(graph.nodes) <= MOST
    keys = {group.id: group.id if alone else ALL for group in ops}
    yield _view("", graph, ops, first, keys, lang)
    for id, key in keys.items():
        if key != ALL:
            yield _view(key, graph, ops, first ^ {id}, keys | {id: ""}, lang)
    yield _view(ALL, graph, ops, set(), dict.fromkeys(keys, ""), lang)


def _view(
    key: str,
    graph: Graph,
    ops: list[Group],
    closed: set[str],
    keys: Mapping[str, str],
    lang: str,
) -> View:
    """Make a view with these ops ``closed``; ``keys`` tell where a click on each op leads."""
    made = stand_ins(graph, closed)
    drawn = collapse(graph, closed)
    results: dict[str, list[str]] = {}
    for edge in drawn.edges:
        if edge.arg is None:
            results.setdefault(edge.source, []).append(edge.target)
    return View(
        key,
        drawn,
        _note(ops, closed, lang),
        tuple((keys[id], (node, *results.get(node, ()))) for id, node in made.items()),
        tuple((keys[group.id], group.id) for group in ops if group.id not in closed),
        is_whole=not closed,
    )


def _note(ops: list[Group], closed: set[str], lang: str) -> str:
    """Say what can be opened."""
    names = listed(dict.fromkeys(clean(g.name) for g in ops if g.id in closed), ", ")
    if not names:
        return ""
    text = (
        "{names}: made of other ops, drawn as one. Click to draw the parts; {link}the "
        "page of all parts{end} also has the steps."
    )
    link = f'<a href="#view={ALL}">'
    return f'<p class="note">{say(lang, text, names=escape(names), link=link, end="</a>")}</p>\n'
