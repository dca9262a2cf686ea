"""The same expressions through dezero and PyTorch: the same gradients, shares and states."""

import numpy as np
import pytest
import torch

import dzviz
from dzviz.graph.model import FunctionNode, VariableNode

EXPRESSIONS = [
    "x + y", "x - y", "x * y", "x / y", "-x", "x * x", "x + x", "x - x", "x / x", "x ** 2",
    "x ** 3 * y", "x ** 0.5", "y ** -1.5", "(x + y) * (x - y)", "x * y + y * z", "x * y * z",
    "x / (y + z)", "(x - y) / (x + y)", "x * x * x - y * y", "(x + y + z) ** 2",
    "m.sin(x)", "m.cos(x * y)", "m.tan(x)", "m.exp(x)", "m.exp(-x * x)", "m.log(x)",
    "m.log(x + y) / z", "m.sqrt(x)", "m.sqrt(x * x + y * y)", "m.tanh(x)", "m.tanh(x * y + z)",
    "m.sin(x) * m.cos(x)", "m.sin(m.sin(x))", "m.exp(m.sin(x) + y)", "m.log(m.exp(x) + m.exp(y))",
    "m.tanh(m.tanh(m.tanh(x)))", "m.abs(x - y)", "m.abs(x) * y", "m.maximum(x, y)",
    "m.minimum(x, y * z)", "m.sin(x) / x", "m.exp(x) / (m.exp(x) + m.exp(y))", "x.sum()",
    "(x * y).sum()", "(x - y).sum() * z.sum()", "(x ** 2).sum() ** 0.5", "m.exp(x).sum() / y",
    "(x * y).sum() + (y * z).sum()", "m.tanh(x).sum() * x", "x.mean()", "(x - y).mean() * z",
    "m.sin(x).mean() + m.cos(y).mean()", "A @ x", "A @ A", "(A @ x) * x", "m.tanh(A @ x + y)",
    "(A @ x).sum()", "m.exp(A @ m.tanh(A @ x))", "A.T @ x", "(A * A).sum() * x", "(A.T @ A).sum()",
    "A.reshape(9).sum() * x", "m.log(m.exp(A).sum())", "x + A", "(A + x) * (A - y)", "A / x",
]  # fmt: skip

WORDS = {"absolute": "abs", "T": "transpose", "neg": "-"}
"""What the two call the same op, where it is not the same."""


def key_of(node, makers, operands, memo):
    """What a value is: its name, or its op with what it was computed from."""
    if node.id in memo:
        return memo[node.id]
    maker = makers.get(node.id)
    if maker is None:
        key = node.name or repr(np.asarray(node.data).tolist())
    else:
        word = maker.label.split()[0].split(",")[0]
        word = WORDS.get(word, word) + (maker.label.partition("**")[2] if "**" in word else "")
        key = (word, *(key_of(x, makers, operands, memo) for x in operands[maker.id]))
    memo[node.id] = key
    return key


def borders(graph):
    """The shares by what they flowed between, the states by what the value is."""
    nodes = {node.id: node for node in graph.nodes}
    makers = {e.target: nodes[e.source] for e in graph.edges if e.arg is None}
    operands, results = {}, {}
    for e in graph.edges:
        if e.arg is None:
            results[e.source] = nodes[e.target]
        else:
            operands.setdefault(e.target, []).append(nodes[e.source])
    memo: dict = {}
    shares = {}
    for e in graph.edges:
        if e.arg is not None and isinstance(nodes[e.target], FunctionNode):
            shares[key_of(results[e.target], makers, operands, memo), e.arg] = e.contribution
    states = {
        key_of(n, makers, operands, memo): (
            n.grad_state,
            n.grad if n.grad is not None else n.grad_was,
        )
        for n in graph.nodes
        if isinstance(n, VariableNode)
    }
    return shares, states


def near(a, b):
    a, b = np.asarray(a), np.asarray(b)
    return a.shape == b.shape and np.abs(a - b).max() <= 1e-12 * max(np.abs(b).max(), 1e-300)


def values_of(text):
    random = np.random.default_rng(7)
    values = {name: random.uniform(0.2, 1.8, (3, 3) if name == "A" else 3) for name in "xyzA"}
    return {
        name: v for name, v in values.items() if name in text.replace("exp", "").replace("max", "")
    }


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_shares_are_those_of_dezero(text):
    values = values_of(text)
    names = ", ".join(values)
    ours = dzviz.record(eval(f"lambda {names}: {text}", {"m": np}), *values.values())
    theirs = dzviz.record(
        eval(f"lambda {names}: {text}", {"m": torch}),
        *values.values(),
        backend="torch",
        dtype="float64",
    )
    (shares, states), (expected, known) = borders(theirs), borders(ours)
    common = [key for key in shares if key in expected and expected[key] is not None]
    for key in common:
        assert near(shares[key], expected[key]), key
    for name in values:
        assert states[name][0] == known[name][0] == "leaf"
        assert near(states[name][1], known[name][1])
    same = [key for key in states if key in known]
    assert [states[key][0] for key in same] == [known[key][0] for key in same]
    for key in same:
        assert (states[key][1] is None) == (known[key][1] is None)
        assert states[key][1] is None or near(states[key][1], known[key][1])
    assert len(common) * 2 >= len(shares), (set(shares), set(expected))


def test_there_are_many():
    assert len(EXPRESSIONS) >= 60
