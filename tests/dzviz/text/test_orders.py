"""Orders of derivatives: one notation, the values of all, a border around each."""

import math

import numpy as np
import pytest

import dzviz
from dzviz.graph.model import FunctionNode, VariableNode
from dzviz.options import Look
from dzviz.pipeline import Computation, compute
from dzviz.sources.expression import read
from dzviz.styles import scene_of
from dzviz.text.captions import caption_lines
from dzviz.text.orders import equations, order_name


def derivative(expression, order, wrt=None, backward=True, **values):
    given = {name: str(value) for name, value in values.items()}
    run = compute(Computation(read(expression), given, order=order, wrt=wrt))
    if backward:
        run.backward()
    return run.graph()


def line(graph, look=Look()):
    return next((line for line in caption_lines(graph, look) if ";" in line or "'" in line), "")


def test_the_values_of_all_orders_of_tanh():
    graph = derivative("tanh(x)", 2, x=1)
    t = math.tanh(1)
    first = 1 - t * t
    second = -2 * t * first
    third = -2 * first * first + 4 * t * t * first
    assert caption_lines(graph, Look())[1] == (
        f"y = {t:.4f}, y' = {first:.4f}, y'' = {second:.4f}; grad of x is y''' = {third:.4f}"
    )


@pytest.mark.parametrize("order", [1, 2, 3, 4, 5])
def test_sine_goes_round(order):
    graph = derivative("sin(x)", order, x=0.3)
    circle = [math.sin, math.cos, lambda x: -math.sin(x), lambda x: -math.cos(x)]
    names = [
        "y",
        "y'",
        "y''",
        "y'''",
        "y\u207d\u2074\u207e",
        "y\u207d\u2075\u207e",
        "y\u207d\u2076\u207e",
    ]
    told = ", ".join(f"{names[i]} = {circle[i % 4](0.3):.4f}" for i in range(order + 1))
    last = f"grad of x is {names[order + 1]} = {circle[(order + 1) % 4](0.3):.4f}"
    assert equations(graph, Look(), graded=True) == f"{told}; {last}"


def test_a_value_that_is_only_rounding_is_told_so():
    graph = derivative("0.1*x + 0.2*x - 0.3*x**3", 1, x=1)
    assert equations(graph, Look(), graded=True) == "y = ~0, y' = -0.6; grad of x is y'' = -1.8"


def test_partial_derivatives_are_called_so_and_no_gradient_is_claimed_to_be_one():
    graph = derivative("x**2 * z", 2, wrt="x,z", x=3, z=2)
    assert equations(graph, Look(), graded=True) == "y = 18, dy/dx = 12, d2y/dx dz = 6"
    assert [order_name(graph, i) for i in range(3)] == ["y", "dy/dx", "d2y/dx dz"]


def test_of_several_variables_only_the_same_one_leads_on():
    graph = derivative("x**2 * z", 1, wrt="x", x=3, z=2)
    assert equations(graph, Look(), graded=True) == "y = 18, y' = 12; grad of x is y'' = 4"


def test_nothing_is_claimed_that_was_not_computed_or_is_hidden():
    graph = derivative("tanh(x)", 1, backward=False, x=1)
    assert line(graph) == "y = 0.7616, y' = 0.4200"
    graph = derivative("tanh(x)", 1, x=1)
    assert "grad of" not in "\n".join(caption_lines(graph, Look(hide=("grad",))))
    assert "0.4200" not in "\n".join(caption_lines(graph, Look(hide=("data",))))
    assert caption_lines(graph, Look(hide=("caption",))) == []


def test_long_arrays_stand_in_no_equation():
    graph = derivative("tanh(x)", 1, x="linspace(0, 1, 6)")
    assert equations(graph, Look(), graded=True) == "grad of x is y''"
    graph = derivative("x**3", 1, x="[1, 2]")
    assert equations(graph, Look(), graded=True) == (
        "y = [1, 8], y' = [3, 12]; grad of x is y'' = [6, 12]"
    )


@pytest.mark.parametrize("style", ["boxes", "merged"])
def test_what_belongs_to_a_derivative_is_framed(style):
    graph = derivative("tanh(x)", 3, x=1)
    scene = scene_of(graph, Look(style=style))
    titles = {frame.label for frame in scene.frames}
    assert titles == {"y'', second derivative", "y''', third derivative"}
    orders = {node.id: node.order for node in graph.nodes}
    drawn = {shape.id for shape in scene.shapes}
    for frame in scene.frames:
        order = int(frame.id.removeprefix("order"))
        assert set(frame.shapes) == {id for id in drawn if orders[id] == order}
    assert not [note for shape in scene.shapes for note in shape.notes if "'" in note]


def test_boxes_bear_the_colour_of_their_order_like_circles():
    graph = derivative("tanh(x)", 2, x=1)
    lines = {}
    for node, shape in zip(graph.nodes, scene_of(graph, Look()).shapes, strict=True):
        if isinstance(node, FunctionNode) or (node.role != "constant" and node.order):
            lines.setdefault(node.order, set()).add(shape.look.paint.line)
    assert all(len(found) == 1 for found in lines.values())
    assert len(set.union(*lines.values())) == len(lines)


def test_where_no_frame_stands_each_function_says_its_order():
    graph = derivative("tanh(x)", 2, x=1)
    shapes = {shape.id: shape for shape in scene_of(graph, Look(style="refs")).shapes}
    for node in graph.nodes:
        if isinstance(node, FunctionNode) and node.order:
            assert "y''" in shapes[node.id].notes


def test_every_format_has_the_same_names():
    for format in ("dot", "mermaid", "svg", "alt", "text"):
        text = dzviz.render(derivative("tanh(x)", 2, x=1), format).decode()
        assert "f''" not in text
    values = [n.data for n in derivative("tanh(x)", 1, x=1).nodes if isinstance(n, VariableNode)]
    assert np.isclose(values[-1], 1 - np.tanh(1) ** 2)


@pytest.mark.parametrize(
    ("expression", "order", "names"),
    [
        ("sin(x)*x", 3, "y'"),
        ("exp(sin(x))", 3, None),  # every order has an op in the graph of the last
        ("x**5", 4, "y', y'', y'''"),
        ("sin(x)*x", 1, None),
    ],
)
def test_it_is_said_why_an_order_has_no_frame(expression, order, names):
    graph = derivative(expression, order, x=1.3)
    dot = dzviz.render(graph, "dot").decode()
    titles = [f'label="{order_name(graph, k)}, ' in dot for k in range(1, order + 1)]
    missing = [order_name(graph, k + 1) for k, framed in enumerate(titles) if not framed]
    assert missing == ([] if names is None else names.split(", "))
    said = f"{order_name(graph, order)} is computed without the ops of {names}, which have no frame"
    assert (said in dot) == (names is not None)
    assert "which have no frame" not in dzviz.render(graph, "dot", hide=("caption",)).decode()
