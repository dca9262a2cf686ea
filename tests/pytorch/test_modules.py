"""Folded modules tell of their parameters: held against PyTorch's own least and greatest."""

import json

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from support.schemas import validate
from support.torch_programs import ResNet
from torch import nn

import dzviz
from dzviz.graph.groups import collapse, depths, labels
from dzviz.graph.model import FunctionNode
from dzviz.sources import json as source


def folded(graph, depth):
    """The stand-ins of a graph that is drawn to a depth, with the modules' names."""
    levels = depths(graph.groups)
    names = labels(graph)
    ids = {group.id for group in graph.groups if levels[group.id] > depth}
    drawn = collapse(graph, ids)
    modules = {names[group.id]: group.name.partition(":")[0] for group in graph.groups}
    found = [n for n in drawn.nodes if isinstance(n, FunctionNode) and n.op == "module"]
    return [(modules[n.label], n.parameters) for n in found], drawn


def check(told, tensors):
    """See that what is told of tensors is so."""
    grads = [p.grad for p in tensors if p.grad is not None]
    assert told.tensors == len(tensors)
    assert told.missing == len(tensors) - len(grads)
    for value, parts in ((told.data, [p.detach() for p in tensors]), (told.grad, grads)):
        if not parts:
            assert value is None
            continue
        low, high = min(p.min().item() for p in parts), max(p.max().item() for p in parts)
        assert (float(value.low), float(value.high)) == (low, high)


def frozen_encoder():
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(32, 4, 160, dropout=0.0, batch_first=True)
    net = nn.Sequential(nn.Linear(32, 32), nn.TransformerEncoder(layer, 2), nn.Linear(32, 3))
    for name, p in net.named_parameters():
        p.requires_grad_("norm1" not in name and "0.linear1.bias" not in name)
    return net, (2, 5, 32)


def resnet():
    torch.manual_seed(0)
    return ResNet(4), (2, 3, 32, 32)


def shared():
    torch.manual_seed(0)
    layer = nn.Linear(4, 4)
    return nn.Sequential(layer, nn.Tanh(), nn.Sequential(layer, nn.Tanh()), layer), (2, 4)


@pytest.mark.parametrize("make", [frozen_encoder, resnet, shared])
def test_ranges_are_those_of_torch(make):
    net, shape = make()
    modules = dict(net.named_modules())
    with dzviz.watch(net) as tape:
        loss = net(torch.randn(shape)).pow(2).mean()
        loss.backward()
    graph = tape.graph(loss)
    seen = 0
    for depth in range(4):
        stand_ins, drawn = folded(graph, depth)
        for name, told in stand_ins:
            module = modules.get(name, net)
            parameters = list(module.parameters())
            if not parameters:
                assert told is None, name
                continue
            check(told, parameters)
            seen += 1
        if not depth:
            document = json.loads(dzviz.render(drawn, "json"))
            validate("graph", document)
            again = [n for n in source.graph(document).nodes if isinstance(n, FunctionNode)]
            told = [n.parameters for n in drawn.nodes if isinstance(n, FunctionNode)]
            assert list(map(_plain, told)) == [_plain(n.parameters) for n in again]
    assert seen > 3


def test_states_are_told():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 3), nn.Tanh())
    x = torch.randn(2, 3)

    def drawn(*extra, **look):
        return dzviz.to_dot(tape.graph(*extra), depth=0, **look).replace("−", "-")

    with dzviz.watch(net) as tape:
        loss = net(x).sum()
    assert "grad None" in drawn(loss)
    with dzviz.watch(net) as tape:
        for _ in range(2):
            loss = net(x).sum()
            loss.backward()
        assert "(accumulated over 2 passes)" in drawn(loss) or "(2 passes)" in drawn(loss)
        net.zero_grad()
        assert "set to None since" in drawn(loss)
        assert "was -" in drawn(loss) or "(was " in drawn(loss)
    net.requires_grad_(False)
    with dzviz.watch(net) as tape:
        loss = net(x.requires_grad_()).sum()
        loss.backward()
    assert "(requires_grad False)" in drawn(loss)
    assert "grad None" in drawn(loss)


def test_blocks_that_are_drawn_once_have_the_range_of_all():
    torch.manual_seed(0)
    net = nn.Sequential(*[m for _ in range(5) for m in (nn.Linear(3, 3), nn.Tanh())])
    graph = dzviz.record(net, torch.randn(2, 3))
    text = dzviz.render(graph, "text", depth=1, fold="always", precision=9).decode()
    (line,) = [each for each in text.splitlines() if each.startswith("parameters")]
    ends = [f"{f(torch.cat([p.flatten() for p in net.parameters()])).item():.6f}"
            for f in (torch.min, torch.max)]  # fmt: skip
    grads = [f(torch.cat([p.grad.flatten() for p in net.parameters()])).item()
             for f in (torch.min, torch.max)]  # fmt: skip
    found = [float(n) for n in line.replace("−", "-").replace("..", " ").split() if _is_number(n)]
    assert [f"{n:.6f}" for n in found[:2]] == ends, line
    assert np.allclose(found[2:], grads, rtol=1e-6), line


def test_a_classifier_of_a_command_line(tmp_path):
    loss = F.cross_entropy
    net = nn.Linear(2, 2)
    graph = dzviz.record(lambda x: loss(net(x), torch.tensor([0, 1])), torch.randn(2, 2),
                         named={"net": net})  # fmt: skip
    for kind in ("svg", "html", "mermaid", "graphml", "gexf", "dot", "alt"):
        text = dzviz.render(graph, kind, depth=0).decode().replace("−", "-")
        low = f"{min(p.min().item() for p in net.parameters()):.3f}"[:5]
        assert low in text or low in text.replace("#45;", "-"), kind


def _plain(told):
    """What survives without the type of its numbers."""
    if told is None:
        return None
    ends = [None if r is None else (float(r.low), float(r.high)) for r in (told.data, told.grad)]
    return [*ends, told.tensors, told.missing, told.note, told.passes]


def _is_number(word):
    try:
        return float(word) is not None and "." in word
    except ValueError:
        return False
