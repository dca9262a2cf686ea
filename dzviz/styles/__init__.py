"""The table of styles: how a graph becomes the shapes and arrows of a picture.

A style is one module with ``scene(graph, look, room)``; ``room`` is the same graph in the state for
which to leave room, see `dzviz.text.labels.with_longest_labels`. Where shapes and arrows cannot
draw it, the module also has ``canvas(graph, room, look, layout)``, which gives a
`dzviz.svg.canvas.Canvas`; its scene then serves the other formats. A style knows no format.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from dzviz.budget import check_time
from dzviz.errors import UsageError, did_you_mean
from dzviz.records import NamedTuple

if TYPE_CHECKING:
    from dzviz.graph.model import Graph
    from dzviz.options import Look
    from dzviz.styles.scene import Scene

LARGE = 500
"""In graphs with more nodes the order of the backward pass stands only where it is asked for."""


class Style(NamedTuple):
    """One style: its module, what it shows, what its signs mean.

    One that ``folds`` draws what repeats once; another shows every single object. A ``local`` one
    draws a part of a graph, in which each result has its maker, as in the whole; one with objects
    that several nodes have in common needs all of these in it. What flowed back stands on edges as
    ``shares``, but where they are no edges of the pass; one that ``flows`` draws edges by it, where
    that is asked for. A picture takes so many bytes of ``memory`` for each node and edge.
    """

    name: str
    module: str
    help: str
    legend: str
    folds: bool = True
    local: bool = False
    common: bool = False
    memory: int = 24 << 10
    shares: bool = True
    flows: bool = False

    @property
    def code(self) -> Any:
        """The module that draws it."""
        return import_module(self.module)


STYLES: dict[str, Style] = {
    style.name: style
    for style in (
        Style(
            "boxes",
            "dzviz.styles.boxes",
            "Variables as boxes, Functions as circles",
            "rounded box: Variable, square box: constant, circle: Function",
            local=True,
            flows=True,
        ),
        Style(
            "merged",
            "dzviz.styles.merged",
            "a value and the op that made it in one box, for larger graphs",
            "rounded box: Variable and the op that made it, square box: constant",
            local=True,
            flows=True,
        ),
        Style(
            "book",
            "dzviz.svg.book",
            "circles and boxes that contain data and gradients, with a panel for each pass",
            "circle: Variable, box: Function; filled: in use, hollow: nothing there, or not in use",
            folds=False,
            memory=96 << 10,
        ),
        Style(
            "refs",
            "dzviz.styles.refs",
            "the objects in memory, and which object refers to which",
            "rounded box: Variable, square box: array, circle: Function, dashed arrow: weak "
            "reference",
            folds=False,
            local=True,
            common=True,
            memory=72 << 10,
            shares=False,
        ),
    )
}
"""Every style by its name."""


def style_named(name: str) -> Style:
    """Return the style of this name.

    Raises:
        UsageError: There is none.
    """
    if name not in STYLES:
        raise UsageError(
            f"style is one of {', '.join(STYLES)}, not {name!r}",
            hint=did_you_mean(name, STYLES),
        )
    return STYLES[name]


def with_style(look: Look) -> Look:
    """Return these options, of which the style is there.

    Raises:
        UsageError: It is not, or not for what they ask for.
    """
    style = style_named(look.style)
    check_objects(look)
    if look.edges == "flow" and not style.flows:
        able = " and ".join(name for name, other in STYLES.items() if other.flows)
        raise UsageError(
            f"the style {style.name} does not draw edges by what flowed back",
            hint=f"the styles {able} do",
        )
    return look


def check_objects(look: Look) -> None:
    """See that a style that shows every object is not asked to leave some out.

    Raises:
        UsageError: It is.
    """
    if not style_named(look.style).common:
        return
    asked = f"--only {look.only}" if look.only else ""
    asked = asked or ("" if look.says("constant") else "--hide constant")
    if asked:
        raise UsageError(
            f"{asked} does not work with the style {look.style}, which shows every object"
        )


def with_order(graph: Graph, look: Look) -> Look:
    """Return these options, with the order of the backward pass where generations do not say it."""
    if len(graph.nodes) > LARGE or graph.folded is not None or "order" in look.show:
        return look
    from dzviz.graph.model import FunctionNode  # which --help does not need

    taken = [
        n.generation for n in graph.nodes if isinstance(n, FunctionNode) and n.back is not None
    ]
    if "order" in look.hide or len(set(taken)) == len(taken):
        return look
    return replace(look, show=(*look.show, "order"))


def signs(look: Look) -> list[str]:
    """Return what the shapes of a style mean, where that is asked for."""
    from dzviz.text.languages import say  # which --help does not need

    return [say(look.lang, style_named(look.style).legend)] if look.legend == "on" else []


def _without(scene: Scene, ids: Collection[str]) -> Scene:
    """Return a scene without the shapes of these ids, and without their arrows."""
    return scene._replace(
        shapes=tuple(shape for shape in scene.shapes if shape.id not in ids),
        arrows=tuple(a for a in scene.arrows if a.source not in ids and a.target not in ids),
    )


def scene_of(graph: Graph, look: Look, room: Graph | None = None) -> Scene:
    """Make the scene of a graph in the style of ``look``."""
    check_time()
    look = with_order(graph, look)
    made: Scene = style_named(look.style).code.scene(graph, look, room or graph)
    if look.edges == "flow":
        from dzviz.styles.strokes import flow_marks  # which few pictures need

        made = made._replace(key=(*made.key, *flow_marks(graph, made.arrows, look)))
    if not look.says("constant"):
        from dzviz.text.labels import says_node  # which --help does not need

        made = _without(made, {n.id for n in graph.nodes if not says_node(n, look)})
    if look.only == "backward":
        from dzviz.styles.backward import backward

        made = backward(made, room or graph, look.lang)
    if graph.folded is None and graph.part is None and not graph.groups and not graph.order:
        return made
    from dzviz.styles.excerpt import noted

    return noted(made, graph, look)
