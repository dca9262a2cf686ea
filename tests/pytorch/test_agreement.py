"""The same expressions through our engine and through PyTorch: values, gradients and shares."""

import numpy as np
import torch
from support.agreement import differences, record, same
from support.expressions import EXPRESSIONS, function_of

from dzviz.graph.model import VariableNode


def test_both_engines_agree_and_so_does_pytorch_itself():
    """JAX is compared with our engine in the same way, in `tests/jaxpr`."""
    assert len({text for text, _ in EXPRESSIONS}) == len(EXPRESSIONS) == 60
    wrong = []
    for text, values in EXPRESSIONS:
        graph = record(text, values, vars(torch), "torch")
        wrong += differences(text, values, graph)
        given = {
            name: torch.tensor(value, dtype=torch.float64, requires_grad=True)
            for name, value in values.items()
        }
        y = function_of(text, vars(torch))(**given)
        expected = torch.autograd.grad(y.sum(), list(given.values()))
        nodes = {n.name: n for n in graph.nodes if isinstance(n, VariableNode)}
        wrong += [
            f"{text}: {name} is not what PyTorch gives"
            for name, gx in zip(given, expected, strict=True)
            if not same(nodes[name].grad, gx.numpy(), 1 + np.max(np.abs(gx.numpy())))
        ]
    assert not wrong, "\n".join(wrong)
