"""A scene with its places: what a format starts from that draws shapes where an engine put them.

It knows no way of drawing; DOT is what it asks an engine with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from dzviz.formats.dot import syntax as dot
from dzviz.layout import Box, Curve, Placement, Point, place
from dzviz.options import Layout, Look
from dzviz.styles.scene import Frame, Scene


class Placed(NamedTuple):
    """The places of a scene's shapes by their ids, of its arrows by theirs, and of its frames.

    ``keys`` has a short name for each arrow (``e0``, ``e1`` ...). All lengths are in points.
    """

    scene: Scene
    keys: Mapping[object, str]
    placement: Placement

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
        """Return where an arrow runs, and where its label is."""
        return self.placement.edges[self.keys[arrow]]

    def frame(self, frame: Frame) -> Box:
        """Return where a frame is."""
        return self.placement.clusters[f"{dot.CLUSTER}{frame.id}"]


def placed(scene: Scene, look: Look, layout: Layout) -> Placed:
    """Let an engine place a scene.

    Raises:
        LayoutError: No engine could.
    """
    source = "".join(dot.lines(scene, look, for_layout=True))
    placement = place(source, engine=layout.engine, timeout=layout.timeout)
    return Placed(scene, {arrow.id: f"e{i}" for i, arrow in enumerate(scene.arrows)}, placement)
