"""How much of a graph is drawn: all of it, a part, and what repeats once.

First a part is cut out, then what repeats is folded; a style that draws leaves beside their uses
does that last. It knows neither click nor files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dzviz.errors import LayoutError, UsageError
from dzviz.styles import UNFOLDED

if TYPE_CHECKING:
    from dzviz.graph.model import Graph

RADIUS = 2
"""So many edges around a node are its surroundings, where none are told."""

NOT_FINITE = "nan"
"""Stands for the place where the first NaN or infinity arose."""

FOLD = ("auto", "always", "none")


def _option(default: Any, metavar: str, help: str) -> Any:
    return field(default=default, metadata={"metavar": metavar, "help": help})


@dataclass(frozen=True, slots=True)
class Extent:
    """The options of large graphs. A field here is also an option of the command line.

    Raises:
        UsageError: A value is not as it should be.
    """

    fold: str = _option(
        "auto",
        "|".join(FOLD),
        "Draw what repeats once, with how often and the range of its values; auto: in pictures of "
        "more than --max-nodes.",
    )
    focus: str | None = _option(
        None,
        "NAME[:RADIUS]",
        f"Draw the surroundings of a variable or a node (v12, f3), or of {NOT_FINITE}: where the "
        f"first NaN or infinity arose. RADIUS counts edges; it is {RADIUS} unless given.",
    )
    from_: str | None = _option(None, "NAME", "Draw what is computed from this node.")
    to: str | None = _option(None, "NAME", "Draw what this node is computed from.")
    max_nodes: int = _option(
        1000, "N", "A picture has at most so many nodes. DOT, JSON and text have no limit."
    )

    def __post_init__(self) -> None:
        if self.fold not in FOLD:
            raise UsageError(f"fold is one of {', '.join(FOLD)}, not {self.fold!r}")
        if isinstance(self.max_nodes, bool) or not isinstance(self.max_nodes, int):
            raise UsageError(f"max-nodes is a whole number, not {self.max_nodes!r}")
        if self.max_nodes < 1:
            raise UsageError(f"max-nodes is at least 1, not {self.max_nodes}")
        for name in ("focus", "from_", "to"):
            text = getattr(self, name)
            if text is not None and not isinstance(text, str):
                option = name.rstrip("_")
                raise UsageError(f"{option} is the name or the id of a node, not {text!r}")
        if self.focus is not None and (self.from_ is not None or self.to is not None):
            raise UsageError("--focus does not go with --from and --to", hint="take one of them")


ALL = Extent()
"""Every node, as far as a picture can have them."""


def chosen(
    graph: Graph, room: Graph, extent: Extent, *, placed: bool, film: bool = False, style: str
) -> tuple[Graph, Graph]:
    """Return what is to be drawn of a graph, and the same of ``room``, which has the same nodes.

    ``placed`` says whether it will be a picture, whose size is limited; a ``film`` has each step.

    Raises:
        UsageError: A name is unknown, or the style cannot show what is asked for.
        LayoutError: It is too large for a picture.
    """
    ids = _part(graph, extent)
    if ids is not None:
        from dzviz.graph.select import part

        whole, graph = graph, _with_own_events(part(graph, ids))
        room = graph if room is whole else part(room, ids)
    too_large = placed and len(graph.nodes) > extent.max_nodes
    if extent.fold == "always" and style in UNFOLDED:
        raise UsageError(
            f"the style {style} shows every object, and folds nothing",
            hint="use --style boxes or --style merged",
        )
    if extent.fold == "always" or (extent.fold == "auto" and too_large and style not in UNFOLDED):
        from dzviz.graph.folding import fold, fold_alike

        whole, graph = graph, fold(graph)
        if graph.folded is not None:
            graph = graph._replace(events=())
        room = graph if room is whole else fold_alike(room, graph)
    if film and graph.folded is not None:
        raise UsageError(
            "a film shows every step, and cannot fold what repeats",
            hint="--focus NAME draws a part, and --fold none all",
        )
    if placed and len(graph.nodes) > extent.max_nodes:
        raise _too_large(graph, extent, style)
    return graph, room


def _with_own_events(graph: Graph) -> Graph:
    """Forget what happened elsewhere, and what came from there or went there."""
    if not graph.events:
        return graph
    known = {None, *(node.id for node in graph.nodes)}
    operands = {(edge.target, edge.source) for edge in graph.edges if edge.arg is not None}
    events = []
    for event in graph.events:
        if event.function not in known or event.variable not in known:
            continue
        if event.kind == "rule" and (event.function, event.variable) not in operands:
            continue
        queue = tuple(id for id in event.queue if id in known)
        events.append(event._replace(queue=queue, waiting=len(queue)))
    return graph._replace(events=tuple(events))


def _part(graph: Graph, extent: Extent) -> set[str] | None:
    if extent.focus is None and extent.from_ is None and extent.to is None:
        return None
    from dzviz.graph import (
        select as focusing,  # which loads NumPy; the options are known without it
    )

    if extent.focus is not None:
        name, radius = _radius(graph, extent.focus)
        if name == NOT_FINITE and not _is_name(graph, name):
            return focusing.around(graph, focusing.troubled(graph), radius)
        return focusing.around(graph, focusing.named(graph, name, "--focus"), radius)
    starts, ends = (
        None if name is None else focusing.named(graph, name, option)
        for name, option in ((extent.from_, "--from"), (extent.to, "--to"))
    )
    return focusing.between(graph, starts, ends)


def _radius(graph: Graph, text: str) -> tuple[str, int]:
    """Read ``NAME:RADIUS``; a name may have a colon, too."""
    name, colon, radius = text.rpartition(":")
    if not colon or _is_name(graph, text):
        return text, RADIUS
    if not (radius.isascii() and radius.isdecimal() and len(radius) <= 9):
        raise UsageError(
            f"--focus: the radius is a number of edges (0, 1, 2 ...), not '{radius[:60]}'",
            hint=f"as in --focus {name[:60] or 'x'}:{RADIUS}",
        )
    return name, int(radius)


def _is_name(graph: Graph, name: str) -> bool:
    return any(getattr(node, "name", None) == name for node in graph.nodes)


def _too_large(graph: Graph, extent: Extent, style: str) -> LayoutError:
    from dzviz.text.words import grouped

    ways = ["--focus NAME draws what is around a node", "--from and --to what is between two"]
    if style in UNFOLDED:
        ways.insert(0, "--style boxes folds what repeats")
    elif extent.fold == "none":
        ways.insert(0, "--fold auto draws once what repeats")
    what = "folded it still has" if graph.folded is not None else "it has"
    return LayoutError(
        f"the graph is too large for a picture: {what} {grouped(len(graph.nodes))} nodes, "
        f"and --max-nodes is {grouped(extent.max_nodes)}",
        hint=f"{', '.join(ways)}, --max-nodes N allows more; -T dot has no limit",
    )
