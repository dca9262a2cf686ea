"""The Python interface: pictures of Variables, as text, as bytes, as a graphviz Source.

None of these runs a backward pass; what they show is what the Variables hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import Field, fields
from typing import TYPE_CHECKING, Any

from dezero import Variable
from dzviz.errors import UsageError
from dzviz.extent import Extent, chosen
from dzviz.formats import Layout, format_named
from dzviz.graph import snapshot
from dzviz.look import Look

if TYPE_CHECKING:
    import graphviz

Drawable = Variable | Sequence[Variable]


def render(y: Drawable, format: str, **look: Any) -> bytes:
    """Draw the graph that computed ``y`` in any format of `dzviz.formats.FORMATS`.

    ``look`` takes the fields of `dzviz.look.Look` and of `dzviz.extent.Extent`, and ``engine``,
    ``timeout`` and ``font`` for the formats that need a layout. Text is UTF-8.

    Raises:
        UsageError: There is no such format or option.
        LayoutError: No engine could place the nodes, or there are too many.
    """
    layout = Layout(**{name: look.pop(name) for name in Layout._fields if name in look})
    extent = Extent(**{field.name: look.pop(field.name) for field in _fields(look)})
    shown = _look(look)
    made = format_named(format)
    graph = snapshot(y)
    drawn, _ = chosen(graph, graph, extent, placed=made.placed, style=shown.style)
    chunks = made.write(drawn, shown, layout)
    return b"".join(chunk.encode() if isinstance(chunk, str) else chunk for chunk in chunks)


def to_dot(y: Drawable, **look: Any) -> str:
    """Write the graph that computed ``y`` as DOT; ``look`` takes the fields of `Look`.

    Raises:
        UsageError: There is no such option.
    """
    return render(y, "dot", **look).decode()


def to_graphviz(y: Drawable, **look: Any) -> graphviz.Source:
    """Hand the DOT to the graphviz package, for who works with that.

    Raises:
        UsageError: There is no such option.
    """
    import graphviz

    return graphviz.Source(to_dot(y, **look))


def _fields(options: dict[str, Any]) -> list[Field[Any]]:
    return [field for field in fields(Extent) if field.name in options]


def _look(options: dict[str, Any]) -> Look:
    known = Look.__dataclass_fields__
    for name in options:
        if name not in known:
            raise UsageError(
                f"unknown display option '{name}'", hint=f"options: {', '.join(known)}"
            )
    return Look(**options)
