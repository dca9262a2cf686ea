"""What a folded module says of its parameters: held against NumPy's own least and greatest."""

import json

import numpy as np
import pytest
from support.schemas import validate

import dzviz
from dzviz.errors import UsageError
from dzviz.formats.json import write
from dzviz.graph.groups import collapse
from dzviz.graph.model import FunctionNode, Passes
from dzviz.graph.parameters import of_variable, together
from dzviz.graph.ranges import range_over
from dzviz.options import Look
from dzviz.sources import json as source

RNG = np.random.default_rng(7)
SHAPES = {"W": (3, 2), "b": (2,), "c": (), "none": (2, 0), "U": (70, 70)}


def document(grads, values=None):
    """Two modules in one, of which the first has all of these parameters."""
    values = values or {name: RNG.standard_normal(shape) for name, shape in SHAPES.items()}
    nodes = [{"id": "x", "name": "x", "data": 1.0}, {"id": "f", "op": "first"}, {"id": "h"}]
    nodes += [{"id": "g", "op": "second"}, {"id": "w", "name": "w", "data": 9.0, "grad": -9.0}]
    nodes += [{"id": "y", "name": "y"}]
    edges = [("x", "f"), ("f", "h"), ("h", "g"), ("w", "g"), ("g", "y")]
    for name, value in values.items():
        grad = grads.get(name)
        facts = {} if grad is None else {"grad": grad.tolist() if np.size(grad) else None}
        data = {"values": value.tolist(), "shape": list(value.shape)}
        nodes.append({"id": name, "name": name, "data": data, **facts})
        edges.append((name, "f"))
    frames = [
        {"id": "all", "kind": "module", "nodes": [], "parameters": [*values, "w"]},
        {"id": "one", "kind": "module", "nodes": ["f", "h", *values], "parameters": [*values],
         "parent": "all"},
        {"id": "two", "kind": "module", "nodes": ["g", "w"], "parameters": ["w"], "parent": "all"},
    ]  # fmt: skip
    edges = [{"source": a, "target": b} for a, b in edges]
    found = {"nodes": nodes, "edges": edges, "graph": {"frames": frames}}
    validate("graph-2", found)
    return found, values


def folded(grads, ids, values=None):
    """The stand-ins of these frames by their labels, the values, and the graph."""
    read, values = document(grads, values)
    graph = source.graph(read)
    drawn = collapse(graph, {group.id for group in graph.groups if group.name in ids})
    found = {
        n.label.split(" ")[0]: n.parameters for n in drawn.nodes if isinstance(n, FunctionNode)
    }
    return found, values, drawn


def ends(arrays):
    flat = np.concatenate([np.ravel(each) for each in arrays])
    return flat.min(), flat.max()


def test_ranges_are_those_of_numpy():
    grads = {name: RNG.standard_normal(shape) for name, shape in SHAPES.items() if name != "c"}
    found, values, _ = folded(grads, {"one", "two"})
    first, second = found["one"], found["two"]
    assert (first.data.low, first.data.high) == ends(values.values())
    assert (first.grad.low, first.grad.high) == ends(grads.values())
    assert (first.tensors, first.missing, second.tensors, second.missing) == (5, 2, 1, 0)
    assert (second.data.low, second.grad.high) == (9, -9)
    whole = folded(grads, {"all"}, values)[0]["all"]
    assert (whole.tensors, whole.missing) == (6, 2)
    assert (whole.data.low, whole.data.high) == ends([*values.values(), 9])
    assert (whole.grad.low, whole.grad.high) == ends([*grads.values(), -9])


def test_folding_in_two_steps_is_folding_at_once():
    grads = {"W": RNG.standard_normal((3, 2))}
    read, _ = document(grads)
    graph = source.graph(read)
    inner = {group.id for group in graph.groups if group.name != "all"}
    outer = {group.id for group in graph.groups if group.name == "all"}
    stages = source.graph(json.loads("".join(write(collapse(graph, inner), Look()))))
    at_once, later = collapse(graph, outer), collapse(stages, {stages.groups[0].id})
    a, b = (next(n.parameters for n in g.nodes if isinstance(n, FunctionNode) and n.parameters)
            for g in (at_once, later))  # fmt: skip
    assert (a.tensors, a.missing, a.note) == (b.tensors, b.missing, b.note)
    assert (a.data.low, a.data.high, a.grad.low) == (b.data.low, b.data.high, b.grad.low)


def test_what_is_said_and_survives_json():
    nan = {
        "W": np.array([[1.0, np.nan], [2.0, np.inf], [-np.inf, -3.0]]),
        "b": np.array([0.5, 4.0]),
    }
    for values, grads, data, grad in (
        (None, {}, None, ["grad None"]),
        (nan, {"b": np.array([1.0, np.nan])}, "-3 .. 4, 1 NaN, 1 inf, 1 -inf",
         ["grad 1, 1 NaN", "None in 1 of 2 tensors"]),
        ({"b": np.array([np.nan, np.nan])}, {"b": np.array([2.0, 2.0])}, "2 NaN", ["grad 2"]),
    ):  # fmt: skip
        _, _, drawn = folded(grads, {"one"}, values)
        written = "".join(write(drawn, Look()))
        validate("graph-2", json.loads(written) | {"schema": "dzviz/graph/2"})
        again = source.graph(json.loads(written))
        for graph in (drawn, again):
            dot = dzviz.to_dot(graph).replace("−", "-")
            lines = [*([f"parameters {data}"] if data else []), *grad]
            assert all(line in dot for line in lines), (lines, dot)
            table = dzviz.render(graph, "text").decode()
            assert ", ".join(grad).removeprefix("grad ") in table, table
            alt = dzviz.render(graph, "alt").decode()
            assert ", ".join(lines) in alt, alt
        page = dzviz.render(drawn, "html").decode()
        assert grad[0] in page


def test_nothing_is_said_of_what_is_hidden():
    _, _, drawn = folded({"b": np.array([1.0, 2.0])}, {"one"}, {"b": np.array([3.0, 4.0])})
    assert "parameters 3 .. 4" in dzviz.to_dot(drawn)
    assert "parameters" not in dzviz.to_dot(drawn, hide=("data",))
    assert "grad 1 .. 2" not in dzviz.to_dot(drawn, hide=("grad",))


def test_blocks_that_are_drawn_once_are_told_together():
    read, _ = document({})
    one = source.graph(read).nodes[0]
    parts = [
        of_variable(one._replace(data=np.float64(i), grad=np.float64(-i), passes=p, grad_note=n))
        for i, (p, n) in enumerate([(None, "a"), (None, "a"), (Passes(2, ("y",)), "a")])
    ]
    assert together(parts[:2]).passes is None
    assert together(parts).passes.various
    assert (together(parts).data.high, together(parts).grad.low) == (2, -2)
    assert together(parts).note == "a"
    lacking = together([*parts, of_variable(one._replace(grad=None, grad_note="frozen"))])
    assert (lacking.missing, lacking.note) == (1, "frozen")
    assert together([]) is None


def test_ranges_of_values_of_any_shapes():
    both = range_over([np.ones((2, 3)), np.float32(-1), np.array([])])
    assert (both.low, both.high, both.shape) == (-1, 1, ())
    assert range_over([np.ones((0, 3))]).size == 0


def test_what_is_wrong_has_its_place():
    for facts, words in (
        ({"data": None}, "it has no 'tensors'"),
        ({"tensors": 1, "missing": 2}, "$.nodes[1].parameters.missing"),
        ({"tensors": 1, "data": {"min": 0}}, "it has no 'shape'"),
        ({"tensors": 1, "colour": 1}, "colour"),
    ):
        read, _ = document({})
        read["nodes"][1]["parameters"] = facts
        with pytest.raises(UsageError) as error:
            source.graph(read)
        assert words in str(error.value), error.value
    read, _ = document({})
    read["graph"]["frames"][1]["parameters"] = ["f"]
    with pytest.raises(UsageError, match="is not a variable"):
        source.graph(read)
