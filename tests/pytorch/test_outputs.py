"""Names of what a function of PyTorch returns, and calls that are no operators, in words."""

from dataclasses import dataclass

import pytest
import torch

import dzviz
from dzviz.text.descriptions import origin_texts


@dataclass
class Report:
    loss: torch.Tensor
    aux: dict[str, torch.Tensor]


class Plain:
    def __init__(self, loss):
        self.loss = loss


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (lambda x: x.sum(), ["y"]),
        (lambda x: (x.sum(), x.mean()), ["y0", "y1"]),
        (lambda x: {"loss": x.sum(), "aux": {"mean": x.mean()}, "n": 3}, ["loss", "aux.mean"]),
        (lambda x: Report(x.sum(), {"mean": x.mean()}), ["loss", "aux.mean"]),
        (lambda x: Plain(x.sum()), ["loss"]),
        (lambda x: (x.sum(), [x.mean()]), ["out[0]", "out[1][0]"]),
        (lambda x: {"x": x.sum(), "z": x.mean()}, ["y0", "z"]),
    ],
)
def test_outputs_are_named_by_their_path(make, names):
    def f(x):
        return make(x)

    graph = dzviz.record(f, torch.tensor([1.0, 2.0], requires_grad=True))
    nodes = {node.id: node for node in graph.nodes}
    assert [nodes[id].name for id in graph.outputs] == names
    assert graph.title == f"{', '.join(names)} = f(x)"


def test_a_call_with_two_operands_is_no_operator():
    def f(a, b):
        p, q = torch._foreach_mul([a, b], 2)
        return torch.add(p, q, alpha=3).sum() + (a * b).sum()

    a, b = (torch.tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    said = set(origin_texts(dzviz.record(f, a, b)).values())
    assert "_foreach_mul 2 of a, b" in said
    assert "a * b" in said
    assert not any("a _foreach" in text or "alpha=3 v" in text for text in said), said
