"""What a program changed behind autograd's back: gradients after a pass, data that no op wrote."""

import pytest
import torch
from support.graphs import labels as ops
from torch import nn

import dzviz
from dzviz.graph.model import FunctionNode, VariableNode


def named(graph):
    return {n.name: n for n in graph.nodes if isinstance(n, VariableNode) and n.name}


def of(graph, label):
    """The result of the first call with this label."""
    nodes = {n.id: n for n in graph.nodes}
    call = next(n for n in graph.nodes if isinstance(n, FunctionNode) and n.label == label)
    return next(nodes[e.target] for e in graph.edges if e.source == call.id and e.arg is None)


def shares_into(graph, node):
    return [
        e.contribution for e in graph.edges if e.source == node.id and e.contribution is not None
    ]


def after_one_pass(change, size=3):
    """The graph and the picture of a pass, after which something was changed."""
    w = torch.linspace(1, 2, size).requires_grad_()
    with dzviz.watch(named={"w": w}) as tape:
        if change is by_a_hook:
            w.register_post_accumulate_grad_hook(by_a_hook)
        y = (w * w).sum()
        y.backward()
        change(w)
    graph = tape.graph(y)
    return graph, str(dzviz.draw(graph))


def by_a_hook(w):
    w.grad.mul_(3)


def clip(w):
    nn.utils.clip_grad_norm_([w], 0.1)


def scale(w):
    w.grad /= 4


def assign(w):
    w.grad = torch.ones_like(w)


@pytest.mark.parametrize("change", [clip, scale, assign, by_a_hook])
@pytest.mark.parametrize("size", [3, 5000])
def test_a_gradient_that_was_changed_is_not_called_a_derivative(change, size):
    graph, text = after_one_pass(change, size)
    assert named(graph)["w"].passes.changed
    assert "grad of w: from backward of the output; it or data has changed since" in text
    assert "(changed since)" in text


@pytest.mark.parametrize("size", [3, 5000])
def test_a_change_without_an_effect_is_none(size):
    _, text = after_one_pass(lambda w: nn.utils.clip_grad_norm_([w], 1e9), size)
    assert "\ngrad = d(output)/d(node)" in text
    assert "changed" not in text


def test_a_retained_gradient_that_was_changed_or_added_to():
    for passes, change in ((1, True), (2, False), (1, False)):
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        with dzviz.watch(named={"x": x}) as tape:
            kept = x * x
            kept.retain_grad()
            y = kept.exp().sum()
            for _ in range(passes):
                y.backward(retain_graph=True)
            if change:
                kept.grad *= 2
        node = of(tape.graph(y), "*")
        assert (node.grad.tolist(), node.grad_state) == (kept.grad.tolist(), "retained")
        assert (node.passes is not None and node.passes.times == 0) == (passes == 2 or change)


def zeros_by_hand(w, optimizer):
    if w.grad is not None:
        w.grad.zero_()


def zeros_by_optimizer(w, optimizer):
    optimizer.zero_grad(set_to_none=False)


@pytest.mark.parametrize("size", [2, 5000])
@pytest.mark.parametrize("zero", [zeros_by_hand, zeros_by_optimizer])
def test_passes_before_a_gradient_was_set_to_zeros_do_not_count(zero, size):
    w = torch.linspace(1, 2, size).requires_grad_()
    optimizer = torch.optim.SGD([w], 0.1)
    with dzviz.watch(named={"w": w}) as tape:
        for _ in range(3):
            zero(w, optimizer)
            y = (w * w).sum()
            y.backward()
            optimizer.step()
    text = str(dzviz.draw(tape.graph(y)))
    assert "\ngrad = d(output)/d(node)" in text
    assert "passes" not in text


def test_passes_that_gave_zeros_do_count():
    w = torch.ones(2, requires_grad=True)
    with dzviz.watch(named={"w": w}) as tape:
        for factor in (0.0, 3.0):
            y = (w * factor).sum()
            y.backward()
    assert named(tape.graph(y))["w"].passes.times == 2


def test_a_gradient_that_was_changed_between_passes_is_as_found():
    w = torch.ones(2, requires_grad=True)
    with dzviz.watch(named={"w": w}) as tape:
        (w * 5).sum().backward()
        w.grad.clamp_(max=1)
        y = (w * 2).sum()
        y.backward()
    assert "grad of w: as found" in str(dzviz.draw(tape.graph(y)))


def test_the_gradient_of_a_step_before_is_that_of_its_pass():
    w = torch.ones(2, requires_grad=True)
    optimizer = torch.optim.SGD([w], 0.1)
    losses = []
    with dzviz.watch(named={"w": w}) as tape:
        for _ in range(2):
            optimizer.zero_grad()
            losses.append((w * w).sum())
            losses[-1].backward()
            optimizer.step()
    graph = tape.graph(losses[0])
    leaves = [n for n in graph.nodes if isinstance(n, VariableNode) and n.grad_state == "leaf"]
    assert [n.grad.tolist() for n in leaves] == [[2, 2]]
    assert "\ngrad = d(output)/d(node)" in str(dzviz.draw(graph))


def reverse(g):
    return -g


class Reversed(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, g):
        return -g


def by_own_rule(x):
    return Reversed.apply(x)


def by_hook_on_a_tensor(x):
    y = x * 1
    y.register_hook(reverse)
    return y


def by_hook_on_a_module(x):
    layer = nn.Tanh()
    layer.register_full_backward_hook(lambda module, gi, go: (-gi[0],))
    return layer(x)


def by_no_grad(x):
    y = x * 1
    with torch.no_grad():
        y.mul_(5)
    return y


def by_data(x):
    y = x * 1
    y.data *= 5
    return y


def by_a_changed_leaf(x):
    y = x * 2
    with torch.no_grad():
        x += 1
    return x * 3 + y


CHANGES = [by_own_rule, by_hook_on_a_tensor, by_hook_on_a_module, by_no_grad, by_data,
           by_a_changed_leaf]  # fmt: skip


@pytest.mark.parametrize("step", CHANGES)
def test_what_may_be_no_derivative_is_not_called_one(step):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with dzviz.watch(named={"x": x}) as tape:
        y = (step(x + 0) if step is not by_a_changed_leaf else step(x)).sum()
        y.backward()
    text = str(dzviz.draw(tape.graph(y)))
    assert "\ngrad from backward of the output" in text
    assert "d(node)" not in text
    assert ("changed by a hook" in text) == (step is by_hook_on_a_tensor)


def quiet_hook(x):
    y = x.tanh()
    y.register_hook(lambda g: g.clone())
    return y


def quiet_module_hook(x):
    layer = nn.Tanh()
    layer.register_full_backward_hook(lambda module, gi, go: None)
    return layer(x)


def quiet_checkpoint(x):
    return torch.utils.checkpoint.checkpoint(torch.tanh, x, use_reentrant=True)


@pytest.mark.parametrize("step", [quiet_hook, quiet_module_hook, quiet_checkpoint])
def test_what_only_looks_leaves_derivatives(step):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with dzviz.watch(named={"x": x}) as tape:
        y = step(x * 2).sum()
        y.backward()
    assert "\ngrad = d(output)/d(node)" in str(dzviz.draw(tape.graph(y)))


@pytest.mark.parametrize("how", ["data", "no_grad"])
def test_what_autograd_does_not_see_sends_on_what_it_got(how):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with dzviz.watch(named={"x": x}) as tape:
        y = {"data": by_data, "no_grad": by_no_grad}[how](x)
        (y * 3).sum().backward()
    graph = tape.graph()
    label = {"data": ".data *= 5", "no_grad": "*= 5 (no_grad)"}[how]
    before, after = of(graph, "* 1"), of(graph, label)
    assert (before.data.tolist(), after.data.tolist()) == ([1, 2], [5, 10])
    assert [share.tolist() for share in shares_into(graph, before)] == [[3, 3]]
    assert before.grad_was.tolist() == after.grad_was.tolist() == [3, 3]
    assert ops(graph) == ["* 1", label, "* 3", "sum"]


def plain_data(w):
    w.data -= 0.5 * w.grad


def part_of_data(w):
    w.data[0].zero_()


def whole_data(w):
    w.data = torch.full((2,), 7.0)


def as_vector(w):
    nn.utils.vector_to_parameters(torch.tensor([3.0, 4.0]), [w])


@pytest.mark.parametrize("change", [plain_data, part_of_data, whole_data, as_vector])
def test_data_that_no_version_tells_is_shown_as_it_is(change):
    w = nn.Parameter(torch.tensor([1.0, 2.0]))
    with dzviz.watch(named={"w": w}) as tape:
        (w * w).sum().backward()
        change(w)
        w.grad = None
        expected = w.tolist()
        y = (w * w).sum()
        y.backward()
    node = named(tape.graph(y))["w"]
    assert node.data.tolist() == expected != [1, 2]
    assert node.grad.tolist() == [2 * each for each in expected]


def test_a_leaf_that_was_changed_between_two_uses_has_one_gradient():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with dzviz.watch(named={"x": x}) as tape:
        y = by_a_changed_leaf(x).sum()
        y.backward()
    old, new = [n for n in tape.graph(y).nodes if getattr(n, "name", None) == "x"]
    assert (old.data.tolist(), new.data.tolist()) == ([1, 2], [2, 3])
    assert (old.grad, old.grad_note) == (None, "part of the gradient of its later data")
    assert (new.grad.tolist(), new.grad_note) == ([5, 5], "with that of its earlier data")


def test_what_is_written_into_a_part_says_which():
    x = torch.ones(4, 3, requires_grad=True)
    with dzviz.watch(named={"x": x}) as tape:
        y = x * 2
        top = y[:2]
        top.mul_(3)
        y[:, 0] += 1
        z = y.sum() + top.sum()
        z.backward()
    graph = tape.graph(z)
    assert ops(graph) == ["* 2", "[:2] *= 3", "[:, 0] += 1", "[:, 0]", "[:, 0] =", "sum", "[:2]",
                          "sum", "+"]  # fmt: skip
    assert of(graph, "[:2]").data.tolist() == [[7, 6, 6]] * 2
    assert "hook" not in str(dzviz.draw(graph))


def test_operands_of_an_own_function_that_nobody_keeps_are_there():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with dzviz.watch(named={"x": x}) as tape:
        y = Reversed.apply(torch.sin(x) * 3).sum()
        y.backward()
    assert ops(tape.graph(y)) == ["sin", "* 3", "Reversed", "sum"]


def test_a_tensor_that_takes_the_result_is_no_operand():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with dzviz.watch(named={"x": x}) as tape:
        with torch.no_grad():
            twice = torch.mul(x, 2, out=torch.empty(2))
        y = (x * twice).sum()
        y.backward()
    graph = tape.graph(y)
    assert named(graph)["x"].grad.tolist() == [2, 4]
    assert [n.role for n in graph.nodes if isinstance(n, VariableNode)].count("constant") == 0
