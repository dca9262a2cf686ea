"""A view of a graph: frames become nodes, a part is cut out, then what repeats is folded.

It knows neither click nor files, and no format.
"""

from __future__ import annotations

from collections.abc import Callable

from dzviz.errors import LayoutError, UsageError
from dzviz.graph.model import FunctionNode, Graph, VariableNode
from dzviz.options import NOT_FINITE, RADIUS, View
from dzviz.styles import style_named
from dzviz.text.phrases import listed

WIDE = 150
"""A picture of more nodes is metres wide; the error says how to draw less."""

MANY = 1_500
"""More nodes take so long to place that it is said before."""

MOST_PLACED = 3_000
"""Engines place no more nodes in the time that they have (``--layout-timeout``), or far fewer."""


def chosen(
    graph: Graph,
    room: Graph,
    extent: View,
    *,
    placed: bool,
    film: bool = False,
    parts: bool = False,
    style: str,
    only: str = "",
) -> tuple[Graph, Graph]:
    """Return what is to be drawn of a graph, and the same of ``room``, which has the same nodes.

    ``placed`` says whether it will be a picture, whose size is limited; a ``film`` has each step,
    and the ``parts`` of ops that are made of others. ``only`` is a word of `dzviz.options.ONLY`.

    Raises:
        UsageError: A name is unknown, or the style cannot show what is asked for.
        LayoutError: It is too large for a picture.
    """
    folds = style_named(style).folds
    graph, room = _only(graph, room, only)
    if graph.groups:
        from dzviz.graph.rules import close

        graph, room = _both(graph, room, lambda each: close(each, extent.depth))
    graph, room = _collapsed(graph, room, extent, parts=parts or not folds, film=film)
    if (ids := _part(graph, extent)) is not None:
        from dzviz.graph import select

        graph, room = _both(
            graph, room, lambda each: select.with_own_events(select.part(each, ids))
        )
    too_large = placed and len(graph.nodes) > extent.max_nodes
    if extent.fold == "always" and not folds:
        raise UsageError(
            f"the style {style} shows every object, so it cannot fold",
            hint="use --style boxes or --style merged",
        )
    if extent.fold == "always" or (extent.fold == "auto" and too_large and folds):
        graph, room = _repeats_folded(graph, room)
    if film and graph.folded is not None:
        raise UsageError(
            "a film shows every step, so it cannot fold",
            hint="--focus NAME draws a part, --fold none draws everything",
        )
    if placed and len(graph.nodes) > extent.max_nodes:
        raise _too_large(graph, extent, folds)
    return graph, room


def _both(graph: Graph, room: Graph, change: Callable[[Graph], Graph]) -> tuple[Graph, Graph]:
    """Change a graph and its room, which often is the graph itself."""
    changed = change(graph)
    return changed, changed if room is graph else change(room)


def _only(graph: Graph, room: Graph, only: str) -> tuple[Graph, Graph]:
    """Leave out what is not asked for, in a word of `dzviz.options.ONLY`."""
    if only in ("forward", "shapes"):
        from dzviz.graph import select

        graph = room = select.forward(graph)
    elif only == "backward":
        _check_backward(graph)
    elif only == "derivative":
        graph, room = _derivative(graph, room)
    return graph, room


def _repeats_folded(graph: Graph, room: Graph) -> tuple[Graph, Graph]:
    """Draw once what repeats."""
    from dzviz.graph.folding import fold, fold_alike

    folded = fold(graph)
    if folded.folded is not None:
        folded = folded._replace(events=())
    return folded, folded if room is graph else fold_alike(room, folded)


def _collapsed(
    graph: Graph, room: Graph, extent: View, *, parts: bool, film: bool
) -> tuple[Graph, Graph]:
    """Fold frames into one node each: those that lie too deep, and ops that nobody expands."""
    if extent.expand is None and not graph.groups:
        return graph, room
    from dzviz.graph.groups import ALL, collapse, folded
    from dzviz.graph.model import CLOSED

    names = {group.name for group in graph.groups if group.kind in CLOSED}
    for name in extent.expanded:
        if name not in names and name != ALL:
            there = f"you can expand: {listed(sorted(names), ', ')}" if names else None
            ops = {node.op for node in graph.nodes if isinstance(node, FunctionNode)}
            if name in ops:
                problem = f"{name[:60]} is a single op: it was computed without parts to show"
                raise UsageError(f"--expand: {problem}", hint=there)
            raise UsageError(f"--expand: there is no {name[:60]} to expand", hint=there)
    parts |= graph.order > 0  # a derivative is made of these
    expanded = (ALL,) if parts and (extent.expand or extent.depth is None) else extent.expanded
    ids = folded(graph, extent.depth, expanded)
    if not ids:
        return graph, room
    if film and graph.events:
        raise UsageError(
            "a film shows every step, so it cannot draw a frame as one node",
            hint="leave out --depth",
        )
    return _both(graph, room, lambda each: collapse(each, ids))


def _check_backward(graph: Graph) -> None:
    if not any(isinstance(n, VariableNode) and n.grad_state in PASSED for n in graph.nodes):
        raise UsageError("--only backward needs a backward pass, but there is none")


PASSED = ("leaf", "retained", "released")
"""The states of gradients that a pass came to."""


def _derivative(graph: Graph, room: Graph) -> tuple[Graph, Graph]:
    """Return what computes the highest derivative, with what it takes from the rest."""
    from dzviz.graph import select

    if not graph.order:
        raise UsageError(
            "--only derivative needs a derivative", hint="as in: --order 1 --only derivative"
        )
    own = {node.id for node in graph.nodes if node.order == graph.order}
    ids = own.union(*(edge[:2] for edge in graph.edges if own & {*edge[:2]}))
    return _both(graph, room, lambda each: select.with_own_events(select.part(each, ids)))


def remarks(drawn: Graph, view: View, style: str, *, wide: bool) -> tuple[str, ...]:
    """Say what was folded though nobody asked for it, and if a ``wide`` picture takes long."""
    sentences = _folded(drawn, view) + (_wide(drawn, view, style) if wide else ())
    return sentences + (_long(drawn) if wide else ())


def _part(graph: Graph, extent: View) -> set[str] | None:
    if extent.focus is None and extent.from_ is None and extent.to is None:
        return None
    from dzviz.graph import select

    if extent.focus is not None:
        name, radius = _radius(graph, extent.focus)
        if name == NOT_FINITE and not _is_name(graph, name):
            return select.around(graph, select.troubled(graph), radius)
        return select.around(graph, select.named(graph, name, "--focus"), radius)
    starts, ends = (
        None if name is None else select.named(graph, name, option)
        for name, option in ((extent.from_, "--from"), (extent.to, "--to"))
    )
    return select.between(graph, starts, ends)


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


def _too_large(graph: Graph, extent: View, folds: bool) -> LayoutError:
    from dzviz.text.phrases import grouped

    ways = [
        "--focus NAME draws the surroundings of a node",
        "--from and --to what lies between two nodes",
    ]
    if not folds:
        ways.insert(0, "--style boxes folds repeated parts")
    elif extent.fold == "none":
        ways.insert(0, "--fold auto draws repeated parts once")
    what = "folded, it still has" if graph.folded is not None else "it has"
    return LayoutError(
        f"the graph is too large for a picture: {what} {grouped(len(graph.nodes))} nodes, but "
        f"--max-nodes is {grouped(extent.max_nodes)}",
        hint=f"{', '.join(ways)}, --max-nodes N allows more; -T dot has no limit",
    )


def _folded(drawn: Graph, view: View) -> tuple[str, ...]:
    """Say that the graph was folded though nobody asked for it."""
    from dzviz.text.captions import represented
    from dzviz.text.phrases import grouped

    if drawn.folded is None or view.fold != "auto":
        return ()
    nodes = represented(drawn)
    way = "--fold none --max-nodes N draws all" if nodes <= MOST_PLACED else "-T dot writes all"
    return (
        f"{grouped(nodes)} nodes are drawn as {grouped(len(drawn.nodes))}, since repeated parts "
        f"are drawn only once; {way}",
    )


def _long(drawn: Graph) -> tuple[str, ...]:
    """Say that it takes its time to place so many nodes, before it is done."""
    from dzviz.text.phrases import grouped

    if len(drawn.nodes) <= MANY:
        return ()
    return (f"placing {grouped(len(drawn.nodes))} nodes can take a minute and more",)


def _wide(drawn: Graph, view: View, style: str) -> tuple[str, ...]:
    """Say what makes a large picture smaller, to who has tried none of it."""
    from dzviz.text.phrases import grouped

    if len(drawn.nodes) <= WIDE or drawn.part is not None or view.fold != "auto":
        return ()
    ways = "--fold always draws repeated parts once, " if style_named(style).folds else ""
    return (
        f"{grouped(len(drawn.nodes))} nodes make a wide picture; {ways}--focus NAME draws a part",
    )
