"""One text through our engine and another one: values, gradients, and shares at common borders.

Each engine is compared with ours, so that those that cannot be installed together agree, too.
"""

import numpy as np
from support.expressions import arrays, function_of
from support.graphs import graph_of

import dzviz
from dzviz.graph.model import VariableNode

WITHIN = 1e-12


def record(text, values, functions, backend):
    """Record a text with a backend's functions."""
    given = arrays(values)
    scope = {"f": function_of(text, functions)}
    call = ", ".join(f"{name}={name}" for name in given)
    f = eval(f"lambda {', '.join(given)}: f({call})", scope)
    return dzviz.record(f, *given.values(), backend=backend, dtype="float64")


def gradient(node):
    return node.grad if node.grad is not None else node.grad_was


def borders(graph):
    """Each value with its gradient, and what flowed back to it."""
    shares = {}
    for edge in graph.edges:
        if edge.contribution is not None:
            shares.setdefault(edge.source, []).append(np.asarray(edge.contribution))
    return [
        (node, gradient(node), shares.get(node.id, []))
        for node in graph.nodes
        if isinstance(node, VariableNode) and gradient(node) is not None
    ]


def same(a, b, size=None):
    if np.shape(a) != np.shape(b):
        return False
    size = max(np.max(np.abs(a)), np.max(np.abs(b))) if size is None else size
    return bool(np.max(np.abs(np.asarray(a) - b)) <= WITHIN * size)


def differences(text, values, theirs):
    """Say where a recorded graph differs from ours; nothing where it agrees."""
    ours = graph_of(text, **values)
    found = borders(theirs)
    wrong, compared = [], 0
    for node, total, shares in borders(ours):
        size = max([np.max(np.abs(share)) for share in shares], default=None)
        alike = [b for b in found if same(node.data, b[0].data) and same(total, b[1], size)]
        if node.role == "input":
            alike = [b for b in alike if b[0].name == node.name]
            wrong += [] if alike else [f"{text}: the gradients of {node.name} differ"]
        for _, _, others in alike:
            if len(others) == len(shares):
                pairs = zip(_by_size(shares), _by_size(others), strict=True)
                if not all(same(a, b, size) for a, b in pairs):
                    wrong.append(f"{text}: shares of {node.id} differ")
                compared += 1
                break
    outputs = [next(n for n in g.nodes if n.id == g.outputs[0]) for g in (ours, theirs)]
    if not same(*(y.data for y in outputs)):
        wrong.append(f"{text}: the values differ")
    if compared < 2:
        wrong.append(f"{text}: only {compared} values are at common borders")
    return wrong


def _by_size(shares):
    return sorted(shares, key=lambda share: share.ravel().tolist())
