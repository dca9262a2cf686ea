"""The key of a picture: what its marks mean, as small as it can be.

It knows what the marks are, and not how they are drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from dzviz.graph.model import FunctionNode, Graph, Node, Value, VariableNode
from dzviz.graph.overview import bounded, repeated, samples
from dzviz.graph.ranges import Range
from dzviz.graph.rounded import bound_of
from dzviz.options import ENGLISH, Look
from dzviz.records import NamedTuple
from dzviz.text.labels import SHARE, each_time, labelled_edges, variable_trouble
from dzviz.text.languages import say
from dzviz.text.notes import known
from dzviz.text.numbers import NOISE, NOISE_MEANING, value_text
from dzviz.text.orders import derivative, order_name

LARGE = 500
"""In graphs with more nodes, not every node and edge is examined."""


class Mark(NamedTuple):
    """A mark and what it means: ``swatch`` says how it looks, ``word`` calls it in words.

    Without a swatch it is the word itself that stands in the picture. What is ``written`` stands
    in numbers, wherever these are.
    """

    swatch: str
    word: str
    text: str
    written: bool = False

    @property
    def words(self) -> str:
        """Say it without a picture."""
        return f"{self.word}: {self.text}"

    def translated(self, lang: str) -> Mark:
        """Say it in a language; names of orders are said already."""
        if lang == ENGLISH or self.swatch.startswith("order"):
            return self
        return self._replace(word=known(self.word, lang), text=say(lang, self.text))


MOMENTS = (
    Mark("active", "thick", "happening now"),
    Mark("waiting", "double", "in the queue"),
    Mark("ahead", "pale", "not computed yet"),
)
"""What is marked at one moment of a film."""


def has_key(look: Look) -> bool:
    """Whether a picture has a key."""
    return look.legend == "on" or (look.legend == "auto" and look.says("caption"))


def marks(graph: Graph, look: Look, *, shares: bool = True, merged: bool = False) -> list[Mark]:
    """Return the marks that a picture's key explains: those that occur, or all there are.

    There are ``shares`` on edges only in some styles, and in some an op is ``merged`` with what it
    makes.
    """
    if not has_key(look):
        return []
    nodes = _looked_at(graph)
    found = [*_of_nodes(graph, nodes, look, merged=merged)]
    found += _of_passes(graph, nodes, look, shares=shares)
    found += [
        *_of_orders(graph, nodes, look.lang),
        *_of_numbers(graph, nodes, look),
        *_of_folding(graph, look),
    ]
    moments = MOMENTS if graph.film else ()
    marks = [*(mark for occurs, mark in found if occurs or look.legend == "on"), *moments]
    return [mark.translated(look.lang) for mark in marks]


def film_marks(graph: Graph, look: Look) -> list[Mark]:
    """Return the marks of one moment of a film, and of gradients that are gone, as in `marks`."""
    if not graph.film or not has_key(look):
        return []
    found = _of_nodes(graph, _looked_at(graph), look, merged=False)
    released = [mark for occurs, mark in found if occurs and mark.swatch == "released"]
    return [mark.translated(look.lang) for mark in (*released, *MOMENTS)]


def written_marks(graph: Graph, look: Look) -> list[Mark]:
    """Return the marks that stand in numbers; those that say themselves what they are if asked."""
    if look.legend == "off":
        return []
    nodes = _looked_at(graph)
    found = [*_of_numbers(graph, nodes, look), *_of_folding(graph, look)]
    marks = [mark for occurs, mark in found if occurs and mark.written]
    if look.legend == "on":
        for occurs, mark in _of_nodes(graph, nodes, look, merged=False):
            if occurs and mark.swatch == "released":
                marks.insert(0, Mark("", "(was ...)", mark.text))
        marks += [mark for occurs, mark in _of_passes(graph, nodes, look, shares=False) if occurs]
    return [mark.translated(look.lang) for mark in marks]


def key_line(found: Sequence[Mark]) -> str:
    """Write a key in one line, for what draws no swatches."""
    return "; ".join(mark.words for mark in found)


def _looked_at(graph: Graph) -> list[Node]:
    return list(graph.nodes if len(graph.nodes) <= LARGE else samples(graph.nodes))


_Found = Iterator[tuple[bool, Mark]]


def _of_nodes(graph: Graph, nodes: Sequence[Node], look: Look, *, merged: bool) -> _Found:
    variables = [node for node in nodes if isinstance(node, VariableNode)]
    released = any(node.grad_state == "released" for node in variables)
    yield released and look.says("grad"), Mark("released", "dashed", "grad released after use")
    yield False, Mark("output", "thick", "output")
    yield False, Mark("constant", "grey", "constant")
    bad = any(map(variable_trouble, variables)) and (look.says("data") or look.says("grad"))
    yield bad, Mark("bad", "!", "not finite")
    drawn = {node.id for node in nodes}
    began = any(trouble.function in drawn for trouble in graph.troubles)
    yield began, Mark("origin box" if merged else "origin", "red", "op where that began")


def _of_passes(graph: Graph, nodes: Sequence[Node], look: Look, *, shares: bool) -> _Found:
    seeded = any(isinstance(node, VariableNode) and node.seed is not None for node in nodes)
    has_seed = look.says("grad") and look.says("seed")
    yield seeded and has_seed, Mark("", "seed", "backward starts here")
    if shares:
        labelled = labelled_edges(graph, look)
        every = look.contributions == "all"
        flows = labelled is not None and (
            any(map(labelled, graph.edges))
            if every
            else bool(repeated(graph.edges, graph.nodes)) or bool(each_time(graph))
        )
        text = "flows back along its edge, grad is the sum"
        if flows and not every and _is_whole(graph):
            still = look.says("constant") and any(
                isinstance(node, VariableNode) and node.role == "constant" for node in nodes
            )
            text = f"{text}, no number: all of it{' (to constants nothing)' if still else ''}"
        yield flows, Mark("share", SHARE, text)
        twice = flows and _one_twice(graph)
        yield twice, Mark("", "two arrows", "used twice, each has its share")
    takes = any(isinstance(n, FunctionNode) and n.label.startswith("[") for n in nodes)
    reached = any(isinstance(n, VariableNode) and n.grad is not None for n in nodes)
    some = look.says("grad") and takes and reached
    yield some, Mark("", "[ ]", "takes elements, the others get 0 from it")
    repeated_ones = graph.folded.members if graph.folded else ()
    functions = [
        node for node in nodes if isinstance(node, FunctionNode) and node.id not in repeated_ones
    ]
    order = [(node.back, node.generation) for node in functions if node.back is not None]
    falls = bool(order) and _falls([generation for _, generation in sorted(order)])
    meaning = "backward takes the highest first" if falls else "generation"
    yield len(functions) > 1 and look.says("generation"), Mark("", "gen", meaning)
    yield bool(order) and look.says("order"), Mark("", "back", "order in backward")


def _of_orders(graph: Graph, nodes: Sequence[Node], lang: str) -> _Found:
    orders = {node.order for node in nodes if isinstance(node, FunctionNode)}
    for order in sorted(orders) if len(orders) > 1 else ():
        name = order_name(graph, order)
        what = derivative(order, lang) if order else say(lang, "function")
        yield True, Mark(f"order {order}", name, what)


def _of_numbers(graph: Graph, nodes: Sequence[Node], look: Look) -> _Found:
    usual = "dtype" not in look.show and any(
        isinstance(node, VariableNode) and node.dtype == "float64" for node in nodes
    )
    has_dtype = look.says("data") and look.says("dtype")
    yield usual and has_dtype, Mark("", "float64", "unless noted")
    noise = any(NOISE in value_text(value, look) for value in _bounded(graph, nodes, look))
    yield noise, Mark("", NOISE, NOISE_MEANING, written=True)


def _of_folding(graph: Graph, look: Look) -> _Found:
    folded = graph.folded is not None
    others = bool(graph.groups) or graph.order > 0
    what = "with a count: what repeats" if others else "what repeats"
    yield folded, Mark("frame", "frame", what)
    ranged = look.says("data") or look.says("grad")
    yield folded and ranged, Mark("", "a .. b", "range over all times", written=True)
    yield folded, Mark("later", "dashed arrow", "to a later time")


def _one_twice(graph: Graph) -> bool:
    """Whether an op takes a Variable more than once."""
    if len(graph.nodes) > LARGE:
        return False
    ends = Counter((edge.source, edge.target) for edge in graph.edges if edge.arg is not None)
    return any(count > 1 for count in ends.values())


def _falls(numbers: Sequence[int]) -> bool:
    return all(a >= b for a, b in pairwise(numbers))


def _is_whole(graph: Graph) -> bool:
    """Whether all of a gradient flowed back along each edge that says no share of it."""
    if len(graph.nodes) > LARGE or graph.part is not None:
        return False
    still = {
        n.id for n in graph.nodes if isinstance(n, VariableNode) and n.grad_state == "constant"
    }
    return all(
        edge.arg is None or edge.contribution is not None or edge.source in still
        for edge in graph.edges
    )


def _bounded(graph: Graph, nodes: Sequence[Node], look: Look) -> Iterator[Value]:
    """All values of a graph of which it is known how exact they are, and which its picture says."""
    values: list[Any] = [event.value for event in graph.events]
    for node in nodes:
        if isinstance(node, VariableNode):
            values += [node.data] if look.says("data") else []
            values += [node.grad, node.grad_was] if look.says("grad") else []
    if labelled_edges(graph, look) is not None:
        values += [edge.contribution for edge in bounded(graph.edges)]
    for value in values:
        ends = (value.low, value.high, value.last) if isinstance(value, Range) else (value,)
        if any(bound_of(end) is not None for end in ends):
            yield value
