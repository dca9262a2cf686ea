"""What a picture says beside its nodes, in any style: frames, and edges that lead out of a part."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial

from dzviz.graph.duplicates import originals
from dzviz.graph.groups import labels, restricted
from dzviz.graph.model import FunctionNode, Graph
from dzviz.options import Look
from dzviz.styles.scene import Frame, Scene, Shape
from dzviz.text.languages import say
from dzviz.text.loops import repeat_label
from dzviz.text.orders import order_name, order_title
from dzviz.text.phrases import grouped, times


def noted(scene: Scene, graph: Graph, look: Look) -> Scene:
    """Draw frames around what repeats and what belongs together, and note where a part was cut.

    What belongs to a derivative has one where the scene is ``framed``.
    """
    repeats = graph.folded.repeats if graph.folded else ()
    fact = say(look.lang, "what is in this frame repeats")
    frames = [
        Frame(r.id, repeat_label(r, graph, look), r.nodes, r.parent, fact=fact) for r in repeats
    ]
    scene = scene._replace(
        shapes=tuple(_noted(scene.shapes, graph, look.lang)), frames=tuple(frames)
    )
    orders = list(_orders(graph, look.lang)) if scene.framed else []
    if not graph.groups and not orders:
        return scene
    drawn = [shape.id for shape in scene.shapes]
    groups = list(_groups(graph, drawn))
    if not frames and not orders:
        return scene._replace(frames=tuple(groups))
    frames += [*groups, *orders]
    kept = nested(frames, drawn)
    lost = {frame.id for frame in frames} - {frame.id for frame in kept}
    names = [f.label for f in frames if f.id in lost and not {*drawn}.isdisjoint(f.shapes)]
    text = "not framed, since others cross it: {names}"
    lines = [say(look.lang, text, names=", ".join(names))] if names else []
    lines += _without_ops(graph, look) if scene.framed else []
    return scene._replace(frames=tuple(kept), caption=[*scene.caption, *lines])


def _groups(graph: Graph, drawn: Sequence[str]) -> Iterator[Frame]:
    """Make the frames of groups; where a value is drawn with its maker, it is where that is."""
    shown = {*drawn}
    homes = {id: group.id for group in graph.groups for id in group.nodes}
    for edge in graph.edges:
        if edge.arg is None and edge.source not in shown:
            homes[edge.target] = homes.get(edge.source, "")
    shapes: dict[str, list[str]] = {}
    for id in drawn:
        if id in homes:
            shapes.setdefault(homes[id], []).append(id)
    nodes = [g._replace(nodes=tuple(shapes.get(g.id, ()))) for g in graph.groups]
    names = labels(graph)
    hidden = {g.id: [id for id in g.nodes if id not in shown] for g in graph.groups}
    for group in restricted(nodes, shown):
        others = hidden[group.id] if graph.folded else ()  # which tell that it is the larger one
        ids = (*group.nodes, *others)
        yield Frame(group.id, names[group.id], ids, group.parent, group.kind)


def _orders(graph: Graph, lang: str) -> Iterator[Frame]:
    """Frame what belongs to each derivative; a constant of one without ops is that of the next."""
    below = 0
    for order in sorted({n.order for n in graph.nodes if n.order and isinstance(n, FunctionNode)}):
        title = order_title(graph, order, lang)
        ids = tuple(node.id for node in graph.nodes if below < node.order <= order)
        below = order
        fact = say(lang, "what belongs to {title}", title=title)
        yield Frame(f"order{order}", title, ids, fact=fact)


def _without_ops(graph: Graph, look: Look) -> list[str]:
    """Say why a derivative of a lower order has no frame: a rule may go back to what was before."""
    orders = {node.order for node in graph.nodes if isinstance(node, FunctionNode)}
    missing = [order_name(graph, k) for k in range(1, graph.order) if k not in orders]
    if not missing or graph.part is not None or not look.says("caption"):
        return []
    what = order_name(graph, graph.order)
    text = "{what} is computed without the ops of {names}, which have no frame"
    return [say(look.lang, text, names=", ".join(missing), what=what)]


def nested(frames: Sequence[Frame], drawn: Collection[str]) -> list[Frame]:
    """Lay frames into one another by what is drawn in them; one that crosses another is left out.

    A group of which some nodes repeat, and others do not, crosses. Of two with the same nodes the
    one with more that are not drawn is around the other. One of which nothing is drawn is left out.
    """
    every: dict[str, set[str]] = {frame.id: {*frame.shapes} for frame in frames}
    for frame in reversed(frames):
        if frame.parent in every:
            every[frame.parent] |= every[frame.id]
    whole = {id: shapes & {*drawn} for id, shapes in every.items()}
    kept: list[Frame] = []
    laid = []
    for frame in sorted(frames, key=lambda f: (-len(whole[f.id]), -len(every[f.id]))):
        mine = whole[frame.id]
        if not mine:
            continue
        around = [other for other in kept if whole[other.id] & mine]
        if all(mine <= whole[other.id] for other in around):
            kept.append(frame._replace(parent=around[-1].id if around else None))
    for frame in kept:
        inner = [other for other in kept if other.parent == frame.id]
        mine = whole[frame.id].difference(*(whole[other.id] for other in inner))
        laid.append(frame._replace(shapes=tuple(id for id in drawn if id in mine)))
    return laid


def _noted(shapes: Iterable[Shape], graph: Graph, lang: str) -> Iterator[Shape]:
    cut = graph.part.cut if graph.part else {}
    members = graph.folded.members if graph.folded else {}
    known = originals(graph)
    for shape in shapes:
        count = cut.get(known.get(shape.id, shape.id))
        if count:
            more = say(lang, "+{count} more", count=grouped(count))
            shape = shape._replace(notes=[*shape.notes, more])
        if shape.id in members:
            shape = shape._replace(
                fact=partial(_repeated_fact, shape, len(members[shape.id]), lang)
            )
        yield shape


def _repeated_fact(shape: Shape, count: int, lang: str) -> str:
    word, first = (
        say(lang, text).partition("{")[0]
        for text in ("generation {number}", "first generation {number}")
    )
    return f"{times(count, lang)}: {shape.fact().replace(word, first, 1)}"
