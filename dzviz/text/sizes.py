"""How much text a picture takes, before any is made."""

from __future__ import annotations

from dzviz.errors import LayoutError
from dzviz.graph.model import Graph
from dzviz.graph.overview import samples
from dzviz.options import Look
from dzviz.text.phrases import grouped

MAX_CHARACTERS = 16 << 20
"""What arrays that are shown in full may take of a picture, a trace or a document."""


def check_characters(graph: Graph, look: Look, most: int = MAX_CHARACTERS) -> None:
    """See that the arrays that a graph and its events show in full can be written.

    Elements times digits are counted, before any text is made.

    Raises:
        LayoutError: They would take more than so many characters.
    """
    nodes = samples(graph.nodes)  # of numbers alone a few are enough
    facts = [fact for fact in ("data", "grad", "seed") if look.says(fact.replace("seed", "grad"))]
    values = [getattr(node, fact, None) for node in nodes for fact in facts]
    values += [part for e in graph.events for part in (e.value, e.upstream, e.local)]
    sizes = (getattr(value, "size", 1) for value in values)
    length = sum(size for size in sizes if 1 < size <= look.max_elements) * (look.precision + 3)
    if length > most:
        raise LayoutError(
            f"its arrays would take {grouped(length)} characters in full, more than "
            f"{grouped(most)}",
            hint="lower --max-elements, or --precision",
        )
