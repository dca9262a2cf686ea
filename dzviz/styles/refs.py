"""The style ``refs``: the objects in memory, and which refers to which by which attribute.

A Variable refers to its ``data``, its ``grad`` and its ``creator``, a Function to its ``inputs``
and, weakly, to its ``outputs``. An array that several Variables hold is one object.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from dzviz.graph.model import FunctionNode, Graph, VariableNode
from dzviz.options import Look
from dzviz.records import NamedTuple
from dzviz.styles import signs
from dzviz.styles.appearance import Appearance, marked
from dzviz.styles.boxes import function_shape, variable_shape
from dzviz.styles.scene import Arrow, Scene, Shape
from dzviz.text.captions import caption_lines
from dzviz.text.key import marks
from dzviz.text.labels import dtype_word, grad_lines, not_finite, reference, type_lines
from dzviz.text.languages import say
from dzviz.text.numbers import EXACT, value_lines
from dzviz.text.phrases import clean, on_one_line

LARGE = 150
"""Graphs with more nodes are placed with less care; each Variable is three objects."""


def scene(graph: Graph, look: Look, room: Graph) -> Scene:
    """Make the scene of a graph."""
    heap = _heap(graph)
    return Scene(
        tuple(_shapes(graph, look, room, heap)),
        tuple(_arrows(graph, look, heap)),
        caption_lines(graph, look) + signs(look),
        len(graph.nodes) > LARGE,
        key=tuple(marks(graph, look, shares=False)),
    )


class _Heap(NamedTuple):
    """The objects that Variables hold, each named after the first that holds it.

    ``arrays`` and ``gradients`` map a Variable's id to the object's, ``owners`` an array to the
    Variables whose data it is. A gradient in ``shared`` has its data in the array of that name.
    """

    arrays: dict[str, str]
    gradients: dict[str, str]
    owners: dict[str, list[VariableNode]]
    shared: dict[str, str]


def _heap(graph: Graph) -> _Heap:
    nodes = [node for node in graph.nodes if isinstance(node, VariableNode)]
    heap = _Heap({}, {}, {}, {})
    memories: dict[int | str, str] = {}
    for node in nodes:
        memory = node.id if node.array is None else node.array
        array = heap.arrays[node.id] = memories.setdefault(memory, f"a{node.id[1:]}")
        heap.owners.setdefault(array, []).append(node)
    variables = {node.id: node.id for node in nodes}
    for node in nodes:
        if node.grad_state == "constant":
            continue
        gradient = f"g{node.id[1:]}"
        if node.grad_variable is not None:
            gradient = variables.setdefault(node.grad_variable, gradient)
        heap.gradients[node.id] = gradient
        if node.grad_array in memories and gradient not in heap.arrays:
            heap.shared[gradient] = memories[node.grad_array]
    return heap


def _shapes(graph: Graph, look: Look, room: Graph, heap: _Heap) -> Iterator[Shape]:
    """Make each object once, an array or a gradient after the first that holds it."""
    drawn = {node.id for node in graph.nodes}
    for node, reserved in zip(graph.nodes, room.nodes, strict=True):
        if isinstance(node, FunctionNode):
            yield function_shape(node, look, graph)
            continue
        assert isinstance(reserved, VariableNode)
        shape = variable_shape(node, look, node)
        yield _variable(node, look, reserved, shape)
        array, gradient = heap.arrays[node.id], heap.gradients.get(node.id)
        if look.says("data") and array not in drawn:
            drawn.add(array)
            yield _array(array, heap.owners[array], look)
        if look.says("grad") and gradient is not None and gradient not in drawn:
            drawn.add(gradient)
            yield _gradient(gradient, node, reserved, look, shape, gradient in heap.shared)


def _variable(node: VariableNode, look: Look, room: VariableNode, shape: Shape) -> Shape:
    named = [clean(node.name)] if shape.named else []
    lines = [*named, "Variable", *([] if node.mark == "ahead" else type_lines(node, look))]
    return shape._replace(
        lines=lines,
        room=len(named) + 1 + len(type_lines(room, look)),
        look=shape.look._replace(dashed=False, rounded=True),
        fact=lambda: f"Variable, {shape.fact()}",
        bad=(),
    )


def _array(id: str, owners: list[VariableNode], look: Look) -> Shape:
    node = owners[0]
    lines = [f"ndarray{dtype_word(node, look)}", *value_lines(node.data, look)]
    shapes = list(dict.fromkeys(str(owner.shape) for owner in owners))
    ahead = all(owner.mark == "ahead" for owner in owners)
    return Shape(
        id,
        "box",
        lines[:1] if ahead else lines,
        [say(look.lang, "as {shapes}", shapes=_and(shapes, look))] if len(shapes) > 1 else [],
        False,
        len(lines),
        marked(Appearance(look.colours.constant, rounded=False), owners[0].mark, look.colours),
        say(look.lang, "data of {names}", names=_and(map(reference, owners), look)),
        partial(_array_fact, node, ahead, look.lang),
        bad=() if ahead else not_finite(lines, 1),
    )


def _and(names: Iterable[str], look: Look) -> str:
    return (
        say(look.lang, "{first} and {last}", first="\0", last="\0")
        .strip("\0")
        .join(dict.fromkeys(names))
    )


def _array_fact(node: VariableNode, ahead: bool, lang: str) -> str:
    if ahead:
        return say(lang, "ndarray, not there yet")
    exact = replace(EXACT, lang=lang)
    return ", ".join([f"ndarray {node.dtype}", *value_lines(node.data, exact)])


def _gradient(
    id: str, node: VariableNode, room: VariableNode, look: Look, shape: Shape, shared: bool
) -> Shape:
    """Make a gradient: None, or a Variable. Its data is drawn within it where no other has it."""
    lines = _gradient_lines(node, look, shared)
    return shape._replace(
        id=id,
        lines=lines,
        named=False,
        room=max(len(lines), len(_gradient_lines(room, look, shared))),
        look=shape.look._replace(bold=False, rounded=node.grad is not None),
        name=say(look.lang, "gradient of {name}", name=reference(node)),
        fact=partial(_gradient_fact, node, look.lang),
        bad=not_finite(lines),
    )


def _gradient_fact(node: VariableNode, lang: str) -> str:
    lines = _gradient_lines(node, replace(EXACT, lang=lang), False)
    return on_one_line(lines, lang) or say(lang, "not there yet")


def _gradient_lines(node: VariableNode, look: Look, shared: bool) -> list[str]:
    if node.mark == "ahead":
        return []
    first, *rest = grad_lines(node, look)
    value = first.removeprefix("grad ")
    if node.grad is None:
        none, *was = value.split(" ", 1)  # on two lines, as many as a gradient that was kept
        return [none, *was, *rest]
    return ["Variable"] if shared else ["Variable", f"data {value}", *rest]


def _arrows(graph: Graph, look: Look, heap: _Heap) -> Iterator[Arrow]:
    """Make the references; those to what was there before point back."""
    for edge in graph.edges:
        if edge.arg is None:
            yield Arrow(
                ("creator", *edge[:3]),
                edge.target,
                edge.source,
                "creator",
                back=True,
                mark=edge.mark,
            )
            yield Arrow(
                ("outputs", *edge[:3]),
                edge.source,
                edge.target,
                "outputs",
                partial(say, look.lang, "a weak reference"),
                weak=True,
                mark=edge.mark,
            )
        else:
            inputs = f"inputs[{edge.arg}]"
            yield Arrow(edge[:3], edge.target, edge.source, inputs, back=True, mark=edge.mark)
    place = {node.id: i for i, node in enumerate(graph.nodes)}
    for id, array in heap.arrays.items():
        if look.says("data"):
            yield Arrow((id, "data"), id, array, "data")
        gradient = heap.gradients.get(id)
        if look.says("grad") and gradient is not None:
            back = place.get(gradient, place[id]) < place[id]
            yield Arrow((id, "grad"), id, gradient, "grad", back=back)
    if look.says("grad") and look.says("data"):
        for gradient, array in heap.shared.items():
            yield Arrow((gradient, "data"), gradient, array, "data")
