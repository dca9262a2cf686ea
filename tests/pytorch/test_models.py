"""Twelve kinds of models: gradients, sums of shares, and what their pictures and pages say."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import torch
from support.torch_programs import PROGRAMS

import dzviz
from dzviz.graph.groups import collapse, folded, labels
from dzviz.graph.model import FunctionNode
from dzviz.graph.ranges import Range

MODELS = (
    *("mlp", "conv", "transformer", "lstm", "resnet", "gan_step", "shared_weights"),
    *("frozen_layer", "inplace_relu", "own_function", "cross_entropy", "accumulation"),
)
COUNT = re.compile(r"\d+ parameters? \(\d+ functions?\)")


def run(name, *, watch):
    """The loss and the gradients before and after the last pass, with a graph where it is asked."""
    torch.manual_seed(0)
    if not watch:
        loss, leaves = PROGRAMS[name]()
        before = [None if p.grad is None else p.grad.clone() for p in leaves]
        loss.backward()
        return before, leaves, None
    with dzviz.watch(named={"nothing": ()}) as tape:
        tape._backends["torch"].recorder.most = 10**6
        loss, leaves = PROGRAMS[name]()
        before = [None if p.grad is None else p.grad.clone() for p in leaves]
        loss.backward()
    for i, p in enumerate(leaves):
        tape._backends["torch"].names.tensors[id(p)] = f"leaf{i}"
    return before, leaves, tape.graph(loss)


def check_sums(graph, before):
    """See that each total is the sum of its shares, and of what was there before."""
    shares = {}
    for edge in graph.edges:
        if edge.contribution is not None:
            shares.setdefault(edge.source, []).append(edge.contribution)
    checked = 0
    for node in graph.nodes:
        if isinstance(node, FunctionNode) or node.id in graph.outputs:
            continue
        total = node.grad if node.grad is not None else node.grad_was
        if total is None:
            continue
        parts = list(shares[node.id])
        if node.name in before and before[node.name] is not None:
            parts.append(before[node.name].numpy())
        assert not any(isinstance(each, Range) for each in (total, *parts))
        size = sum(np.abs(each) for each in parts)
        assert np.all(np.abs(sum(parts) - total) <= 2e-6 * len(parts) * size + 1e-12), node.id
        checked += 1
    return checked


def check_texts(svg):
    """See that each text begins within its picture."""
    root = ET.fromstring(svg)
    left, top, width, height = map(float, root.get("viewBox").split())
    texts = [e for e in root.iter() if e.tag.endswith("}text")]
    for each in texts:
        x, y = float(each.get("x")), float(each.get("y"))
        assert left <= x <= left + width, "".join(each.itertext())
        assert top <= y <= top + height, "".join(each.itertext())
    return {"".join(each.itertext()).strip() for each in texts}


@pytest.mark.thorough
def test_each_of_them():
    for name in MODELS:
        before, leaves, _ = run(name, watch=False)
        plain = [None if p.grad is None else p.grad.numpy().tobytes() for p in leaves]
        before, leaves, graph = run(name, watch=True)
        seen = [None if p.grad is None else p.grad.numpy().tobytes() for p in leaves]
        assert seen == plain, name
        nodes = {n.name: n for n in graph.nodes if getattr(n, "name", None)}
        for i, p in enumerate(leaves):
            if p.grad is not None:
                assert np.array_equal(nodes[f"leaf{i}"].grad, p.grad.numpy()), (name, i)
        assert check_sums(graph, {f"leaf{i}": g for i, g in enumerate(before)}), name
        drawn = collapse(graph, folded(graph, None))
        names = {text.partition(": ")[2] or text for text in labels(drawn).values()}
        found = {
            text.partition(": ")[2] or text for text in check_texts(dzviz.render(graph, "svg"))
        }
        assert names <= found, (name, names - found)
        whole = set(COUNT.findall(f"{[*labels(graph).values(), *names]}"))
        page = dzviz.render(graph, "html").decode()
        said = set(COUNT.findall(page))
        assert said <= whole, (name, said - whole)


def test_the_shares_of_one_pass_are_told():
    """Those of another pass, as the second one of a GAN step, would not add up with them."""
    torch.manual_seed(0)
    body, one, two = (torch.nn.Linear(2, 2) for _ in range(3))
    x = torch.randn(3, 2)
    with dzviz.watch(named={"x": x}) as tape:
        hidden = body(x)
        first = (one(hidden) + one(hidden.detach())).sum()
        second = two(hidden).pow(2).sum()
        first.backward(retain_graph=True)
        mine = body.weight.grad.clone()
        second.backward()
    for loss, weight in ((first, one.weight), (second, two.weight)):
        graph = tape.graph(loss)
        assert graph.flows is None
        (node,) = (n for n in graph.nodes if n.id in graph.outputs)
        assert node.seed == 1
        sent = {e.source: e.contribution for e in graph.edges if e.contribution is not None}
        assert sent
        grads = {n.id: n.grad for n in graph.nodes if getattr(n, "grad", None) is not None}
        assert any(np.array_equal(g, weight.grad.numpy()) for g in grads.values())
    assert not torch.equal(mine, body.weight.grad)
    graph = tape.graph(first)
    kept = [e.contribution for e in graph.edges if e.contribution is not None and e.arg == 1]
    assert not any(np.array_equal(each, (body.weight.grad - mine).numpy()) for each in kept)
