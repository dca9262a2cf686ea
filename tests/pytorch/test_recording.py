"""What is recorded of programs: gradients are torch's own, totals the sums of their shares."""

import gc
import json
import tracemalloc

import numpy as np
import pytest
import torch
from support.schemas import validate
from support.torch_programs import PROGRAMS
from torch import nn
from torch.autograd.graph import get_gradient_edge

import dzviz
from dzviz.errors import UsageError
from dzviz.graph.model import FunctionNode, VariableNode
from dzviz.graph.ranges import Range
from dzviz.sources import json as source
from dzviz.sources.pytorch import values


def recorder_of(tape):
    return tape._backends["torch"].recorder


def bytes_of(tensors):
    return [None if t.grad is None else numbers(t.grad).tobytes() for t in tensors]


def numbers(t):
    """As NumPy has them, which has no bfloat16."""
    return (t.float() if t.dtype is torch.bfloat16 else t).numpy()


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
    low = any(getattr(node, "dtype", "") == "bfloat16" for node in graph.nodes)
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
        if node.passes is not None and node.passes.times > 1:
            continue  # tests/pytorch/test_models.py looks at these
        size = sum(np.abs(each) for each in sent)
        near = np.abs(sum(sent) - total) <= 2e-6 * len(sent) * np.maximum(size, 1e-30) + 1e-12
        if low:
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
        if isinstance(node.grad, Range):
            assert names[key].is_complex()
            continue
        assert np.array_equal(node.grad, numbers(names[key].grad)), key
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
    assert [str(each) for each in value.sample[:2]] == ["nan", "inf"]


def test_the_ends_of_large_tensors_are_kept_however_they_lie():
    base = torch.arange(20_000.0).reshape(100, 200)
    for x in (
        base,
        base.T,
        base[::2, 50:],
        base.to(torch.bfloat16),
        base.long(),
        base > 7,
        base.reshape(2, 50, 200),
        base.half() / 1000,
        -base.conj(),
        base[:, :1].expand(-1, 90),
    ):
        value = values.value_of(x)
        flat = x.reshape(-1)
        expected = [*flat[:3].tolist(), *flat[-3:].tolist()]
        assert [each.item() for each in value.sample] == expected
    assert values.value_of(base, 2).sample
    assert values.value_of(base[0, :4], 2).sample == ()


def test_samples_stand_in_tooltips_pages_and_json():
    x = torch.arange(10_000.0).requires_grad_()
    with dzviz.watch(named={"x": x}) as tape:
        y = (x * x).sum()
        y.backward()
    graph = tape.graph(y)
    data, grad = "[0, 1, 2, ..., 9997, 9998, 9999]", "[0, 2, 4, ..., 19994, 19996, 19998]"
    for kind in ("svg", "html"):
        text = dzviz.render(graph, kind).decode()
        assert data in text, kind
        assert grad in text, kind
    assert data not in dzviz.render(graph, "text").decode()
    assert data not in dzviz.to_dot(graph)
    document = json.loads(dzviz.render(graph, "json"))
    validate("graph", document)
    again = {n.name: n for n in source.graph(document).nodes if isinstance(n, VariableNode)}
    assert [*map(float, again["x"].data.sample)] == [0, 1, 2, 9997, 9998, 9999]
    document["nodes"][0]["data"]["sample"] = [1]
    with pytest.raises(UsageError, match="3 numbers of each end"):
        source.graph(document)


def hooks_of(leaf):
    """The hooks that a leaf's node of autograd has, but for this look at them."""
    handle = get_gradient_edge(leaf).node.register_prehook(lambda grads: None)
    hooks = handle.hooks_dict_ref()
    handle.remove()
    return len(hooks)


@pytest.mark.thorough
def test_memory_is_constant_over_steps():
    net = nn.Sequential(nn.Linear(80, 80), nn.Tanh(), nn.Linear(80, 2))
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    x = torch.randn(5, 80)
    used = []
    tracemalloc.start()
    try:
        with dzviz.watch(net) as tape:
            for step in range(150):
                optimizer.zero_grad()
                loss = net(x).pow(2).mean()  # the step before is alive until now
                loss.backward()
                optimizer.step()
                if step in (49, 149):
                    gc.collect()
                    used.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    grown = (used[1] - used[0]) / 100  # a hook a step for each leaf would be 900
    assert grown < 400, f"{grown} bytes a step: {used}"
    assert [hooks_of(p) for p in net.parameters()] == [1] * 4
    assert tape.graph(loss).outputs
    del tape
    gc.collect()
    assert [hooks_of(p) for p in net.parameters()] == [0] * 4


def test_a_node_that_lives_long_has_one_hook():
    w = torch.ones(3, requires_grad=True)
    alive = (w * 2).sum()
    for _ in range(5):
        with dzviz.watch(named={"w": w}) as tape:
            for _ in range(4):
                w.grad = None
                y = (w * w).sum()
                y.backward()
        assert hooks_of(w) == 1
        grads = [n.grad for n in tape.graph(y).nodes if n.id == "v0"]
        assert grads[0].tolist() == [2, 2, 2]
        del tape, y
        gc.collect()
        assert hooks_of(w) == 0
    alive.backward()
