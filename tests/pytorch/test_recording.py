"""What is recorded of programs: gradients are torch's own, totals the sums of their shares."""

import numpy as np
import pytest
import torch
from support.torch_programs import PROGRAMS

import dzviz
from dzviz.graph.model import FunctionNode, VariableNode
from dzviz.graph.ranges import Range
from dzviz.sources.pytorch import values


def recorder_of(tape):
    return tape._backends["torch"].recorder


def bytes_of(tensors):
    return [None if t.grad is None else t.grad.numpy().tobytes() for t in tensors]


def plain(program):
    torch.manual_seed(0)
    loss, leaves = program()
    loss.backward()
    return loss, leaves


def watched(program):
    torch.manual_seed(0)
    with dzviz.watch(named={"nothing": ()}) as tape:
        recorder_of(tape).most = 10**6  # keep all elements, so that sums can be looked at
        loss, leaves = program()
        loss.backward()
    return loss, leaves, tape


def shares_of(graph):
    sums = {}
    for edge in graph.edges:
        if edge.contribution is not None:
            sums.setdefault(edge.source, []).append(edge.contribution)
    return sums


@pytest.mark.parametrize("name", PROGRAMS)
def test_gradients_are_the_same_bytes_with_and_without_watching(name):
    expected, leaves = plain(PROGRAMS[name])
    loss, watched_leaves, _ = watched(PROGRAMS[name])
    assert loss.detach().numpy().tobytes() == expected.detach().numpy().tobytes()
    assert bytes_of(watched_leaves) == bytes_of(leaves)


@pytest.mark.parametrize("name", PROGRAMS)
def test_totals_are_the_sums_of_their_shares(name):
    loss, _, tape = watched(PROGRAMS[name])
    graph = tape.graph(loss)
    shares = shares_of(graph)
    checked = 0
    for node in graph.nodes:
        if isinstance(node, FunctionNode):
            continue
        total = node.grad if node.grad is not None else node.grad_was
        if total is None or node.id in graph.outputs or isinstance(total, Range):
            continue
        sent = shares.get(node.id)
        assert sent, f"{node.id} {node.name}: no share"
        if any(isinstance(each, Range) for each in sent) or (node.grad_note or "").count("hook"):
            continue
        size = sum(np.abs(each) for each in sent)
        near = np.abs(sum(sent) - total) <= 2e-6 * len(sent) * np.maximum(size, 1e-30) + 1e-12
        if node.dtype == "bfloat16":
            near = np.abs(sum(sent) - total) <= 2e-2 * size
        assert near.all(), (node.id, sum(sent), total)
        checked += 1
    assert checked


@pytest.mark.parametrize("name", sorted(set(PROGRAMS) - {"checkpoint_reentrant"}))
def test_all_leaves_are_there_with_the_gradients_of_torch(name):
    loss, leaves, tape = watched(PROGRAMS[name])
    names = {f"leaf{i}": t for i, t in enumerate(leaves)}
    for key, t in names.items():
        tape._backends["torch"].names.tensors[id(t)] = key
    graph = tape.graph(loss)
    found = {n.name: n for n in graph.nodes if isinstance(n, VariableNode) and n.name in names}
    assert set(found) == {key for key, t in names.items() if t.grad is not None}
    for key, node in found.items():
        assert np.array_equal(node.grad, names[key].grad.numpy()), key
        assert node.grad_state == "leaf"


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_operand_that_wants_a_gradient_has_its_share(name):
    loss, _, tape = watched(PROGRAMS[name])
    graph = tape.graph(loss)
    nodes = {n.id: n for n in graph.nodes}
    reached = {
        n.id
        for n in graph.nodes
        if isinstance(n, VariableNode) and (n.grad is not None or n.grad_was is not None)
    }
    made = {e.source: e.target for e in graph.edges if e.arg is None}
    silent = [
        (nodes[e.target].label, e.arg, nodes[e.source].dtype)
        for e in graph.edges
        if e.arg is not None
        and e.contribution is None
        and nodes[e.source].grad_state != "constant"
        and made.get(e.target) in reached
    ]
    assert silent == []
    assert isinstance(nodes["f0"], FunctionNode)


def test_values_of_large_tensors_are_ranges():
    x = torch.randn(100, 100)
    x[0, 0], x[0, 1] = float("nan"), float("inf")
    value = values.value_of(x)
    assert isinstance(value, Range)
    assert (value.nans, value.infs) == (1, 1)
    assert value.low == x[torch.isfinite(x)].min()
