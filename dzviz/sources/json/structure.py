"""The nodes and edges of a document, in order of computation, by the ids that they get here."""

from __future__ import annotations

import re

from dzviz.graph.model import Value
from dzviz.graph.order import in_order
from dzviz.records import NamedTuple
from dzviz.sources.cursor import Cursor, short
from dzviz.sources.values import read_value

DOCUMENT = ("schema", "directed", "multigraph", "graph", "nodes", "edges", "links", "events")
HEAD = (
    *("expression", "order", "outputs", "title", "trouble", "passes", "contributions"),
    *("changed", "unknown", "part_of", "repeats", "frames", "troubles", "derivatives"),
    "engine",
)
NODE = ("id", "kind", "generation", "order")
VARIABLE = (
    *(*NODE, "name", "role", "shape", "dtype", "data", "grad", "grad_state", "grad_was", "seed"),
    *("passes", "grad_note", "cut", "letter", "array", "grad_array", "grad_variable"),
)
FUNCTION = (
    *(*NODE, "op", "label", "span", "source", "origin", "detail", "cut", "back", "parameters"),
)
EDGE = ("source", "target", "key", "arg", "contribution")
"""The members that objects may have."""

_NODES = ("variable", "function")


class Link(NamedTuple):
    """The edge of an operand between ids of the document, with its number."""

    source: str
    target: str
    arg: int
    contribution: Value | None


class Structure:
    """One document with its nodes and edges; ``ids`` are those of the graph by the document's."""

    def __init__(self, document: Cursor) -> None:
        self.document = document
        self.head = (document.get("graph") or Cursor({}, document, "graph")).known(HEAD)
        self.nodes: dict[str, Cursor] = {}
        self.functions: set[str] = set()
        self.operands: dict[str, list[Link]] = {}
        self.makers: dict[str, str] = {}
        self.ids: dict[str, str] = {}
        if self.head.list_of("repeats"):
            self.head.need("repeats").fail(
                "it is folded: what repeats is in it only once", "write it with --fold none"
            )
        self.read_nodes()
        self.read_edges()
        self.order, circle = in_order(self.nodes, self.before)
        if circle is not None:
            self.nodes[circle].fail("it is computed from itself: its edges form a cycle")
        self.number(self.order)
        self.outputs = self.read_outputs(self.order)

    def read_nodes(self) -> None:
        """Find the nodes, and tell Variables from Functions."""
        nodes = self.document.need("nodes")
        for node in nodes.items():
            place = node.need("id")
            id = str(place.value) if type(place.value) is int else place.text()
            if id in self.nodes:
                place.fail(f"there are two nodes {short(id)}")
            kind = node.get("kind")
            is_function = "op" in node.value if kind is None else kind.choice(_NODES) == "function"
            if is_function:
                self.functions.add(id)
            self.nodes[id] = node.known(FUNCTION if id in self.functions else VARIABLE)
        if not self.nodes:
            nodes.fail("a graph has at least one node")

    def read_edges(self) -> None:
        """Find the operands of each Function, in their order, and its results."""
        links = self.document.get("edges") or self.document.get("links")
        for edge in () if links is None else links.items():
            edge.known(EDGE)
            source, target = (self.end(edge.need(name)) for name in ("source", "target"))
            if (source in self.functions) == (target in self.functions):
                both = "functions" if source in self.functions else "variables"
                edge.fail(
                    f"it connects two {both}; edges lead from variables to functions and from "
                    "functions to variables"
                )
            if target in self.functions:
                found = self.operands.setdefault(target, [])
                arg = edge.get("arg")
                number = len(found) if arg is None else arg.whole(most=10**6)
                if any(link.arg == number for link in found[-1000:]):
                    (arg or edge).fail(f"{short(target)} has two operands with index {number}")
                found.append(Link(source, target, number, read_value(edge.get("contribution"))))
                continue
            if target in self.makers:
                edge.fail(f"{short(target)} is the result of two functions")
            self.makers[target] = source
        for found in self.operands.values():
            found.sort(key=lambda link: link.arg)

    def end(self, place: Cursor) -> str:
        """Read an end of an edge, or the id of another node."""
        id = str(place.value) if type(place.value) is int else place.text()
        if id not in self.nodes:
            place.fail(f"there is no node {short(id)}")
        return id

    def before(self, id: str) -> list[str]:
        """Return the nodes from which edges lead to a node."""
        if id in self.functions:
            return [link.source for link in self.operands.get(id, ())]
        return [self.makers[id]] if id in self.makers else []

    def number(self, order: list[str]) -> None:
        """Give the nodes our ids; a document that has them keeps them."""
        letters = {id: "f" if id in self.functions else "v" for id in order}
        if all(
            re.fullmatch(f"{letter}(0|[1-9][0-9]{{0,8}})", id) for id, letter in letters.items()
        ):
            self.ids = {id: id for id in order}
            return
        counts = {"f": 0, "v": 0}
        for id, letter in letters.items():
            self.ids[id] = f"{letter}{counts[letter]}"
            counts[letter] += 1

    def read_outputs(self, order: list[str]) -> list[str]:
        """Read which are the outputs, or take the Variables from which nothing is computed."""
        given = self.head.list_of("outputs")
        outputs = list(map(self.end, given))
        for id, place in zip(outputs, given, strict=True):
            if id in self.functions:
                place.fail(f"{short(id)} is a function; an output is a variable")
        if not outputs:
            used = {link.source for links in self.operands.values() for link in links}
            outputs = [id for id in order if id not in used and id not in self.functions]
        if not outputs:
            self.head.fail("the graph has no outputs: every variable is used by a function")
        return outputs

    def ref(self, place: Cursor) -> str:
        """Read the id of a node."""
        return self.ids[self.end(place)]

    def function_ref(self, place: Cursor | None) -> str | None:
        """Read the id of a Function."""
        if place is not None and self.end(place) not in self.functions:
            place.fail(f"{short(place.value)} is not a function")
        return None if place is None else self.ref(place)

    def variable_ref(self, place: Cursor | None) -> str | None:
        """Read the id of a Variable."""
        if place is not None and self.end(place) in self.functions:
            place.fail(f"{short(place.value)} is not a variable")
        return None if place is None else self.ref(place)
