"""A scene with its places: what a format starts from that draws shapes where an engine put them.

It knows no way of drawing; DOT is what it asks an engine with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from math import ceil

from dzviz.layout import Box, Curve, Placement, Point, place_all
from dzviz.layout.curves import calm, straight
from dzviz.layout.labels import Label, Page, Spot
from dzviz.layout.wrapping import MOST_NODES, wrapped
from dzviz.options import Layout, Look
from dzviz.placing import dot
from dzviz.placing.pieces import Part, ends, joined, main_way, pattern, pieces, structure
from dzviz.records import NamedTuple
from dzviz.styles.scene import Arrow, Frame, Scene, Shape, operand_word, ordered_operands
from dzviz.text.metrics import text_width
from dzviz.text.phrases import is_wide
from dzviz.text.typeset import AS_WIDE, typeset

LONG, SPARE, DIGIT = 66.0, 9.0, 0.556
"""Wider bold names leave the margins of a box, of which so much is spare; and a digit's width."""

MAIN = 50
"""So much straighter than others is the way through a piece of a long picture."""

BESIDE = 3.0
"""Operands come in in their order where the ends of their arrows are so far from each other."""


class Placed(NamedTuple):
    """The places of a scene's shapes by their ids, of its arrows by theirs, and of its frames.

    ``keys`` has a short name for each arrow (``e0``, ``e1`` ...); by them ``labels`` has the places
    of the arrows' labels, and ``operands`` those of words that say which operand an arrow is, where
    the picture does not show it; ``headings`` has those of the labels of frames, by ids.
    All lengths are in points.
    """

    scene: Scene
    keys: Mapping[object, str]
    placement: Placement
    labels: Mapping[str, Spot]
    operands: Mapping[str, tuple[str, Spot]]
    headings: Mapping[str, Box]

    @property
    def size(self) -> tuple[float, float]:
        """The width and the height of all of it."""
        return self.placement.width, self.placement.height

    @property
    def caption(self) -> Point | None:
        """The middle of the caption; None where there is none."""
        return self.placement.caption

    def box(self, shape: str) -> Box:
        """Return where a shape is."""
        return self.placement.nodes[shape]

    def curve(self, arrow: object) -> Curve:
        """Return where an arrow runs."""
        return self.placement.edges[self.keys[arrow]]

    def frame(self, frame: Frame) -> Box:
        """Return where a frame is."""
        return self.placement.clusters[f"{dot.CLUSTER}{frame.id}"]


def placed(scene: Scene, look: Look, layout: Layout) -> Placed:
    """Let an engine place a scene, and find places for the labels of its arrows.

    Where a label does not find room beside its arrow, the engine is asked once more, for more room.

    Raises:
        LayoutError: No engine could.
    """
    if layout.kept is not None:
        kept: Placed = layout.kept.placed(scene, look, layout)
        return kept
    first = _placed(scene, look, layout, {})
    crowded = _crowded(first)
    if not crowded or scene.large:
        return first
    second = _placed(scene, look, layout, crowded)
    return second if len(_crowded(second)) < len(crowded) else first


def _placed(scene: Scene, look: Look, layout: Layout, crowded: Mapping[str, str]) -> Placed:
    least = max([0.0, *(text_width(line, dot.CAPTION_SIZE) for line in scene.caption)])
    parts = [scene] if layout.rows > 1 and len(scene.shapes) <= MOST_NODES else pieces(scene)
    if len(parts) > 1:
        return _in_a_row(scene, parts, look, layout, least)
    lines = dot.lines(_as_wide(scene), look, for_layout=True, crowded=crowded, tight=layout.tight)
    (placement,) = _known(["".join(lines)], layout)
    return _labelled(scene, placement, look, layout.rows, least)


def _in_a_row(
    scene: Scene, parts: Sequence[Scene], look: Look, layout: Layout, least: float
) -> Placed:
    """Place the pieces of a scene: each of those that are alike as the others."""
    alike: dict[Hashable, list[Scene]] = {}
    kinds = [structure(part) for part in parts]
    for kind, part in zip(kinds, parts, strict=True):
        alike.setdefault(kind, []).append(part)
    patterns = {kind: pattern(found, _pattern_width) for kind, found in alike.items()}
    sources = ["".join(_source(made, look, tight=layout.tight)) for made in patterns.values()]
    known = {
        kind: _labelled(made, placement, look, 1, 0.0)
        for (kind, made), placement in zip(patterns.items(), _known(sources, layout), strict=True)
    }
    keys = {arrow.id: f"e{i}" for i, arrow in enumerate(scene.arrows)}
    made = [known[kind] for kind in kinds]
    row = joined(
        [
            Part(part, each.placement, [keys[arrow.id] for arrow in part.arrows])
            for part, each in zip(parts, made, strict=True)
        ],
        (least, _caption_height(scene)),
        down=look.rank_dir == "TB",
    )
    labels: dict[str, Spot] = {}
    operands: dict[str, tuple[str, Spot]] = {}
    for part, each, move in zip(parts, made, row.moves, strict=True):
        called = {f"e{i}": keys[arrow.id] for i, arrow in enumerate(part.arrows)}
        labels |= {called[key]: _moved(spot, *move) for key, spot in each.labels.items()}
        operands |= {
            called[key]: (word, _moved(spot, *move)) for key, (word, spot) in each.operands.items()
        }
    return Placed(scene, keys, row.placement, labels, operands, {})


def _source(pattern: Scene, look: Look, *, tight: bool) -> Iterator[str]:
    """Write a pattern as DOT, its main way as straight as can be."""
    wide, way = _as_wide(pattern), main_way(pattern)
    nodes = [dot.node(shape, wide.usual) for shape in wide.shapes]
    for port, rank in ends(pattern):
        nodes.append(f'  {{rank={rank}; {port} [shape=point, width=0, height=0, label=""]}}\n')
    edges = (
        dot.edge(arrow, f"e{i}", weight=MAIN if arrow.id in way else 1)
        for i, arrow in enumerate(wide.arrows)
    )
    return dot.lines(wide, look, for_layout=True, nodes=nodes, edges=edges, tight=tight)


def _moved(spot: Spot, x: float, y: float) -> Spot:
    leader = spot.leader
    if leader is not None:
        start, end = leader
        leader = (start[0] + x, start[1] + y), (end[0] + x, end[1] + y)
    return Spot(spot.x + x, spot.y + y, leader, spot.free)


def _labelled(scene: Scene, placement: Placement, look: Look, rows: int, least: float) -> Placed:
    """Make its curves calm, put it in rows, and find places for labels."""
    keys = {arrow.id: f"e{i}" for i, arrow in enumerate(scene.arrows)}
    placement = placement._replace(edges=dict(_curves(scene, keys, placement, look)))
    placement = wrapped(placement, rows, down=look.rank_dir == "TB", least=least)
    words = dict(_operands(scene, keys, placement, look))
    ends = {keys[arrow.id]: 0.14 if arrow.back else 0.86 for arrow in scene.arrows}
    labels = [
        *(_arrow_label(keys[arrow.id], arrow) for arrow in scene.arrows if arrow.label),
        *(_label(key, text)._replace(at=ends[key]) for key, text in words.items()),
    ]
    page = Page(placement, list(_caption(scene, placement))) if labels or scene.frames else None
    headings = dict(_headings(scene, placement, page)) if page else {}
    spots = page.spots(labels) if page else []
    operands = dict(zip(words, spots[len(spots) - len(words) :], strict=True))
    named = zip(labels, spots[: len(spots) - len(words)], strict=False)
    return Placed(
        scene,
        keys,
        placement,
        {label.edge: spot for label, spot in named},
        {key: (words[key], spot) for key, spot in operands.items()},
        headings,
    )


def _pattern_width(text: str) -> float:
    """Return how wide a text may be; digits are all as wide as one another."""
    return _width(text.translate(_DIGITS))


_DIGITS = str.maketrans("123456789", "000000000")


@lru_cache(1 << 12)
def _width(text: str) -> float:
    return text_width(_wide(text), 1.0)


def _known(sources: Sequence[str], layout: Layout) -> list[Placement]:
    """Place them, but for those that were placed before."""
    known: dict[str, Placement] = {} if layout.known is None else layout.known
    new = [source for source in dict.fromkeys(sources) if source not in known]
    made = place_all(new, engine=layout.engine, timeout=layout.timeout) if new else []
    known.update(zip(new, made, strict=True))
    return [known[source] for source in sources]


def _crowded(picture: Placed) -> dict[str, str]:
    """Return the names of the arrows beside which there was no room, with the operand's word."""
    spots = [(key, "", spot) for key, spot in picture.labels.items()]
    spots += [(key, word, spot) for key, (word, spot) in picture.operands.items()]
    return {key: word for key, word, spot in spots if spot.leader is not None}


def _arrow_label(key: str, arrow: Arrow) -> Label:
    """Return an arrow's label, that of a share with the head before it."""
    width = text_width(arrow.label or "", dot.EDGE_SIZE, bold=arrow.bad)
    return Label(key, width + (dot.FLOW if arrow.share else 0.0), dot.EDGE_SIZE * 1.1)


def _label(key: str, text: str) -> Label:
    return Label(key, text_width(_wide(text), dot.EDGE_SIZE), dot.EDGE_SIZE * 1.1)


def _as_wide(scene: Scene) -> Scene:
    """Return a scene whose text is as wide in ASCII as it is when it is set."""
    return scene._replace(
        shapes=tuple(
            shape._replace(lines=_wide_lines(shape), notes=list(map(_wide, shape.notes)))
            for shape in scene.shapes
        ),
        arrows=tuple(
            arrow._replace(label=_wide(arrow.label)) if arrow.label else arrow
            for arrow in scene.arrows
        ),
        caption=list(map(_wide, scene.caption)),
    )


def _wide_lines(shape: Shape) -> list[str]:
    """Return the lines of a shape, and digits for a long name in a box, as wide as it is in bold.

    The margins of a box have room for what is missing to a short one.
    """
    lines = list(map(_wide, shape.lines))
    if shape.named and shape.outline == "box" and lines and lines[0] == typeset(shape.lines[0]):
        width = text_width(lines[0], dot.NODE_SIZE, bold=True)
        if width > LONG:
            lines[0] = "0" * ceil((width - SPARE) / (DIGIT * dot.NODE_SIZE))
    return lines


def _wide(line: str) -> str:
    line = typeset(line).translate(AS_WIDE)
    return line if line.isascii() else "".join("@" if is_wide(c) else c for c in line)


def _curves(
    scene: Scene, keys: Mapping[object, str], placement: Placement, look: Look
) -> Iterator[tuple[str, Curve]]:
    """Make the curves calm, except for those that lead back and for one of several between two."""
    boxes = {shape.id for shape in scene.shapes if shape.outline == "box"}
    several = Counter(frozenset((arrow.source, arrow.target)) for arrow in scene.arrows)
    for arrow in scene.arrows:
        key = keys[arrow.id]
        curve = placement.edges[key]
        if not arrow.back and not arrow.weak:
            ends = (
                placement.nodes.get(id) if id in boxes else None
                for id in (arrow.source, arrow.target)
            )
            if several[frozenset((arrow.source, arrow.target))] == 1:
                curve = straight(calm(curve, *ends, down=look.rank_dir == "TB"))
        yield key, curve


def _operands(
    scene: Scene, keys: Mapping[object, str], placement: Placement, look: Look
) -> Iterator[tuple[str, str]]:
    """Say which operand an arrow is, where they do not come in in their order."""
    across = 0 if look.rank_dir == "TB" else 1
    for arrows in ordered_operands(scene):
        ends = []
        for arrow in arrows:
            curve = placement.edges[keys[arrow.id]]
            ends.append((arrow.source, (curve.tip or curve.points[-1])[across]))
        if all(b - a >= BESIDE or x == z for (x, a), (z, b) in pairwise(ends)):
            continue
        for arrow in arrows:
            yield keys[arrow.id], operand_word(arrow, look.lang)


def _headings(scene: Scene, placement: Placement, page: Page) -> Iterator[tuple[str, Box]]:
    """Find the places of the frames' labels, at their tops."""
    for frame in scene.frames:
        width = text_width(frame.label, dot.FRAME_SIZE, bold=True)
        box = placement.clusters[f"{dot.CLUSTER}{frame.id}"]
        yield frame.id, page.heading(box, width, dot.FRAME_SIZE * 1.2)


def _caption(scene: Scene, placement: Placement) -> Iterator[Box]:
    """Return where the caption stands."""
    if placement.caption is not None and scene.caption:
        width = max(text_width(line, dot.CAPTION_SIZE) for line in scene.caption)
        yield Box(*placement.caption, width, _caption_height(scene))


def _caption_height(scene: Scene) -> float:
    """Return how high the caption is, with an empty line above it."""
    return (len(scene.caption) + 1) * dot.CAPTION_SIZE * 1.2 if scene.caption else 0.0
