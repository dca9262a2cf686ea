"""What is told of a pass, over the table of ops: against plain gradients, and against itself."""

import re
from collections import defaultdict

import numpy as np
import pytest
from support.films import replay
from support.graphs import with_events

import dezero
from dezero import OPS
from dezero.ops import UNARY
from dzviz.graph.events import KINDS
from dzviz.graph.model import VariableNode
from dzviz.language.evaluate import evaluate
from dzviz.language.parse import parse
from dzviz.text.labels import reference


def examples():
    for name, info in OPS.items():
        for expression, shapes in info.examples.items():
            for number, example in enumerate(shapes):
                if all(np.prod(shape) for shape in example):
                    yield pytest.param(
                        info, expression, example, id=f"{name}-{expression}-{number}"
                    )


EXAMPLES = list(examples())

INTERNAL = r"\b(into|im2col|col2im)\("
"""What rules are made of that no expression can call."""


def values_of(info, expression, shapes):
    generator = np.random.default_rng(len(expression))
    names = parse(expression).names
    return {
        name: generator.uniform(*info.sample, size=shape)
        for name, shape in zip(names, shapes, strict=True)
    }


def gradients(expression, values):
    evaluation = evaluate(parse(expression), {name: np.array(v) for name, v in values.items()})
    dezero.backward([y for y in evaluation.outputs if not y.constant])
    return {name: x.grad.data for name, x in evaluation.inputs.items() if x.grad is not None}


def test_there_are_examples():
    assert len(EXAMPLES) > 150
    assert len({info.name for info, *_ in (p.values for p in EXAMPLES)}) == len(OPS)
    assert UNARY


@pytest.mark.thorough
@pytest.mark.parametrize(("info", "expression", "shapes"), EXAMPLES)
def test_events_replayed_give_the_gradients_and_rules_their_contributions(info, expression, shapes):
    values = values_of(info, expression, shapes)
    graph = with_events(expression, **values)
    nodes = {node.id: node for node in graph.nodes}
    expected = gradients(expression, values)
    left = {nodes[id].name: value for id, value in replay(graph.events).items()}
    assert set(left) == set(expected)
    for name, value in expected.items():
        np.testing.assert_array_equal(left[name], value)

    sums = defaultdict(list)
    settled = {}
    known = {reference(node): node.data for node in graph.nodes if isinstance(node, VariableNode)}
    for event in graph.events:
        assert event.kind in KINDS
        if event.kind in ("seed", "rule"):
            sums[event.variable].append(event.value)
        elif event.kind in ("keep", "release"):
            settled[event.variable] = event.value
        if event.kind == "rule":
            if event.local is not None:
                np.testing.assert_allclose(event.upstream * event.local, event.value, rtol=1e-12)
            if event.formula is not None and not re.search(INTERNAL, event.formula):
                check_formula(event, known)
    assert set(sums) == set(settled)
    for variable, parts in sums.items():
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        np.testing.assert_array_equal(total, settled[variable])


def check_formula(event, known):
    """Compute a formula by the language that readers know, and compare."""
    program = parse(event.formula)
    values = {**known, "upstream": event.upstream}
    arrays = {name: np.asarray(values[name]) for name in program.names}
    (y,) = evaluate(program, arrays).outputs
    expected = event.value if event.local is None else event.local
    # Constants have 6 digits; those in the name of a part have the 4 of pictures.
    rtol = 1e-3 if re.search(r"/ \d\.\d{3}\b", event.formula) else 2e-6
    np.testing.assert_allclose(
        np.broadcast_to(y.data, expected.shape), expected, rtol=rtol, atol=2e-7
    )


@pytest.mark.parametrize(("info", "expression", "shapes"), EXAMPLES[::7])
def test_the_nodes_and_edges_say_the_same_as_the_events(info, expression, shapes):
    graph = with_events(expression, **values_of(info, expression, shapes))
    contributions = {
        (edge.target, edge.arg): edge.contribution
        for edge in graph.edges
        if edge.contribution is not None
    }
    rules = {(e.function, e.arg): e.value for e in graph.events if e.kind == "rule"}
    assert rules.keys() == contributions.keys()
    for key, value in rules.items():
        np.testing.assert_array_equal(value, contributions[key])
    for event in graph.events:
        node = next((n for n in graph.nodes if n.id == event.variable), None)
        if event.kind == "forward":
            np.testing.assert_array_equal(event.value, node.data)
        elif event.kind == "keep":
            assert isinstance(node, VariableNode)
            np.testing.assert_array_equal(event.value, node.grad)
        elif event.kind == "release":
            np.testing.assert_array_equal(event.value, node.grad_was)
