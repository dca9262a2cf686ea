"""`dzviz.watch`, `dzviz.record` and `dzviz.draw` on programs of PyTorch: states, names, memory."""

import gc
import threading
import warnings
import weakref

import numpy as np
import pytest
import torch
from support.graphs import labels as ops
from support.torch_programs import PROGRAMS
from torch import nn
from torch.utils.checkpoint import checkpoint

import dzviz
from dzviz.errors import EvaluationError, UsageError
from dzviz.graph.model import FunctionNode, VariableNode
from dzviz.graph.ranges import Range


def recorder_of(tape):
    return tape._backends["torch"].recorder


def variables(graph):
    return [n for n in graph.nodes if isinstance(n, VariableNode)]


def named(graph):
    return {n.name: n for n in variables(graph) if n.name}


def of(graph, label):
    """The result of the first call with this label."""
    nodes = {n.id: n for n in graph.nodes}
    call = next(n for n in graph.nodes if isinstance(n, FunctionNode) and n.label == label)
    return next(nodes[e.target] for e in graph.edges if e.source == call.id and e.arg is None)


def test_training_keeps_no_step_but_the_last():
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    optimizer = torch.optim.Adam(net.parameters())
    counts, dead = [], []
    with dzviz.watch(net) as tape:
        for _ in range(6):
            optimizer.zero_grad()
            loss = net(torch.randn(2, 3)).pow(2).mean()
            loss.backward()
            optimizer.step()
            dead.append(weakref.ref(loss))
            counts.append((len(recorder_of(tape).entries), len(recorder_of(tape).edges)))
    assert counts[1:] == counts[1:2] * 5
    assert [each() for each in dead[:-1]] == [None] * 5
    graph = tape.graph()
    assert "Adam" not in str(ops(graph))
    assert len(named(graph)) == 4
    assert named(graph)["0.weight"].grad_state == "leaf"
    assert named(graph)["0.weight"].grad_note is None


def test_the_record_dies_with_the_program():
    x = torch.ones(3, requires_grad=True)
    with dzviz.watch(named={"x": x}) as tape:
        y = (x * 2).exp().sum()
        y.backward()
    recorder = weakref.ref(recorder_of(tape))
    alive = y
    del tape
    gc.collect()
    assert recorder() is None
    assert alive.requires_grad


def test_several_passes_are_added_up_and_told():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with dzviz.watch(named={"x": x}) as tape:
        y = (x * x).sum()
        y.backward(retain_graph=True)
        y.backward()
    node = named(tape.graph(y))["x"]
    assert node.grad.tolist() == [4.0, 8.0]
    assert node.grad_note is None
    assert (node.passes.times, node.passes.of) == (2, ("the output",))
    text = str(dzviz.draw(tape.graph(y)))
    assert "(2 passes)" in text
    assert "grad of x: added up over 2 passes of the output" in text


def test_gradients_from_before_are_as_found():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    (x * 3).sum().backward()
    with dzviz.watch(named={"x": x}) as tape:
        y = (x * x).sum()
        y.backward()
    graph = tape.graph(y)
    assert graph.passes[0].times == 0
    assert "as found" in str(dzviz.draw(graph))


def test_a_gan_step_has_two_graphs():
    torch.manual_seed(0)
    maker, judge = nn.Linear(2, 3), nn.Linear(3, 1)
    step = torch.optim.SGD(judge.parameters(), 0.1)
    with dzviz.watch(maker, judge, named={"noise": (noise := torch.randn(4, 2))}) as tape:
        fake = maker(noise)
        judged = judge(fake.detach()).sigmoid().log().mean()
        judged.backward()
        step.step()
        step.zero_grad()
        made = -judge(fake).sigmoid().log().mean()
        made.backward()
    first, second = tape.graph(judged), tape.graph(made)
    assert set(named(first)) == {"noise", *(f"Linear{n}" for n in ())} | {
        n for n in named(first) if n != "noise"
    }
    assert "detach" in ops(first)
    assert of(first, "detach").grad_note == "detached"
    assert of(second, "linear").grad_was is not None
    weights = [n for n in variables(second) if n.shape == (1, 3)]
    assert [w.data.tolist() for w in weights] == [judge.weight.tolist()]
    old = [n for n in variables(first) if n.shape == (1, 3)]
    assert old[0].data.tolist() != judge.weight.tolist()


def test_states_are_told_in_the_words_of_torch():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    frozen = torch.tensor([3.0, 4.0])
    with dzviz.watch(named={"x": x, "frozen": frozen}) as tape:
        kept = x * frozen
        kept.retain_grad()
        with torch.no_grad():
            scale = x.norm()
        with torch.inference_mode():
            quiet = frozen.exp()
        y = (kept / scale).sum() + x.detach().sum() + quiet.clone().sum()
        y.backward()
    graph = tape.graph(y)
    assert of(graph, "*").grad_state == "retained"
    assert of(graph, "*").grad_note == "retained"
    assert of(graph, "/").grad_note == "not a leaf"
    assert of(graph, "norm").grad_note == "no_grad"
    assert of(graph, "detach").grad_note == "detached"
    assert named(graph)["frozen"].grad_note == "requires_grad False"
    text = str(dzviz.draw(graph))
    assert "(not a leaf)" in text
    assert "requires_grad False" in text


def test_what_a_users_hook_changed_is_told():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    x.register_hook(lambda g: g * 10)
    with dzviz.watch(named={"x": x}) as tape:
        y = (x * x).sum()
        y.backward()
    node = named(tape.graph(y))["x"]
    assert node.grad.tolist() == [20.0, 40.0]
    assert node.grad_note == "changed by a hook"


def test_no_warning_is_made():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with dzviz.watch() as tape:
            x = torch.tensor([1.0, 2.0], requires_grad=True)
            y = (x * 2).exp().sum()
            y.backward()
        dzviz.draw(tape.graph(y)).text  # noqa: B018
        dzviz.draw(y).text  # noqa: B018


def test_afterwards_only_what_autograd_knows():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 2), nn.Tanh(), nn.Linear(2, 1))
    y = net(torch.randn(2, 3)).sum()
    y.backward()
    graph = dzviz.draw(y).graph
    assert ops(graph)[-1] == "Sum"
    assert "values and shares of its ops are not kept" in graph.title
    assert all(e.contribution is None for e in graph.edges)
    leaves = [n for n in variables(graph) if n.grad is not None]
    assert sorted(n.shape for n in leaves) == sorted(tuple(p.shape) for p in net.parameters())
    between = [n for n in variables(graph) if n.role == "intermediate"]
    assert all(isinstance(n.data, Range) and n.data.low is None for n in between)
    assert "as found" in str(dzviz.draw(graph))


def test_a_leaf_alone_and_a_chain_that_is_long():
    leaf = torch.ones(2, requires_grad=True)
    assert len(dzviz.draw(leaf).graph.nodes) == 1
    y = leaf
    for _ in range(3000):
        y = y * 1.0
    assert len(dzviz.draw(y.sum()).graph.nodes) == 1 + 2 * 3001


def test_record_takes_numbers_arrays_and_tensors():
    w = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)

    def loss(x, n):
        return (w * x).sum() ** n

    graph = dzviz.record(loss, np.array([3.0, 4.0]), 2, named={"weight": w}, backend="torch")
    found = named(graph)
    assert found["weight"].grad.tolist() == [66.0, 88.0]
    assert found["x"].dtype == "float64"
    assert graph.title == "y = loss(x, n)"


def test_watch_says_what_it_takes():
    with (
        pytest.raises(UsageError, match="watch takes modules, not Tensor"),
        dzviz.watch(torch.ones(2)),
    ):
        pass
    with dzviz.watch() as tape:
        pass
    with pytest.raises(UsageError, match="no backend has run a backward pass"):
        tape.graph()
    with pytest.raises(EvaluationError, match="returned NoneType, not a tensor"):
        dzviz.record(lambda x: None, torch.ones(2))


def test_nested_frames_and_shared_modules():
    torch.manual_seed(0)
    layer = nn.Linear(3, 3)
    net = nn.Sequential(layer, nn.Tanh(), layer)
    x = torch.randn(2, 3)
    graph = dzviz.record(net, x)
    names = [g.name for g in graph.groups]
    assert names == ["Sequential, 12 parameters", "0: Linear, 12 parameters", "1: Tanh",
                     "0: Linear, 12 parameters"]  # fmt: skip
    shares = [e.contribution for e in graph.edges if e.source == named(graph)["0.weight"].id]
    assert len(shares) == 2
    assert np.allclose(sum(shares), layer.weight.grad.numpy())


def test_attention_opens_into_its_ops():
    torch.manual_seed(0)
    net = nn.MultiheadAttention(4, 2)
    x = torch.randn(3, 1, 4, requires_grad=True)
    with dzviz.watch(net) as tape:
        out, _ = net(x, x, x)
        out.sum().backward()
    graph = tape.graph()
    frames = {g.name: g for g in graph.groups}
    assert frames["multi_head_attention_forward"].kind == "op"
    assert "softmax" in " ".join(ops(graph))
    assert frames["multi_head_attention_forward"].parent == "m0"
    closed = dzviz.render(graph, "text").decode()
    assert "softmax" not in closed
    for name in ("in_proj_weight", "out_proj.weight"):  # operands of the one op
        assert name in closed
    assert "softmax" in dzviz.render(graph, "text", expand="multi_head_attention_forward").decode()


def test_what_one_kernel_computes_has_no_parts():
    q, k, v = (torch.randn(1, 2, 3, requires_grad=True) for _ in range(3))
    graph = dzviz.record(nn.functional.scaled_dot_product_attention, q, k, v)
    with pytest.raises(UsageError, match="scaled_dot_product_attention is a single op"):
        dzviz.render(graph, "text", expand="scaled_dot_product_attention")


def test_each_result_of_an_own_function_is_of_one_call():
    torch.manual_seed(0)
    with dzviz.watch() as tape:
        loss, _ = PROGRAMS["own_function"]()
        loss.backward()
    assert ops(tape.graph(loss)).count("Cube") == 1


def test_what_ran_within_vmap_is_the_ops_of_autograd():
    x = torch.randn(4, 3, requires_grad=True)
    graph = None
    with pytest.warns(dzviz.DzvizWarning, match="what ran within vmap or torch.func"):
        graph = dzviz.record(lambda a: torch.vmap(lambda r: (r * r).sum())(a).sum(), x)
    assert any("ops)" in label for label in ops(graph))
    assert named(graph)["a"].grad.tolist() == x.grad.tolist()


@pytest.mark.parametrize("reentrant", [True, False])
def test_what_is_computed_again_in_backward_is_not_forward(reentrant):
    net = nn.Linear(3, 3)
    x = torch.randn(2, 3, requires_grad=True)
    with dzviz.watch(net) as tape:
        y = checkpoint(net, x * 1, use_reentrant=reentrant).sum()
        count = recorder_of(tape).count
        y.backward()
        assert recorder_of(tape).count == count
    graph = tape.graph(y)
    word = "CheckpointFunction" if reentrant else "linear"
    assert word in " ".join(ops(graph))


def test_passes_of_other_threads_are_seen():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with dzviz.watch(named={"x": x}) as tape:
        y = (x * x).sum()
        thread = threading.Thread(target=y.backward)
        thread.start()
        thread.join()
    graph = tape.graph(y)
    assert [e.contribution.tolist() for e in graph.edges if e.source == "v0"] == [[1.0, 2.0]] * 2


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: torch.ones(3, device="meta"), "float32 meta"),
        (lambda: torch.eye(3).to_sparse(), "float32 sparse_coo"),
        (lambda: torch.ones(3, dtype=torch.complex64), "complex64"),
        (
            lambda: torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.quint8),
            "quint8 quantised",
        ),
    ],
)
def test_tensors_without_numbers_are_named(make, word):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that quantised tensors will go
        x = make()
        with dzviz.watch(named={"x": x}) as tape:
            y = x.clone()
        graph = tape.graph(y)
    assert [n.dtype for n in variables(graph)] == [word] * 2
    assert "unknown" in str(dzviz.draw(graph))
    assert dzviz.render(graph, "svg")


def test_a_graph_survives_json():
    torch.manual_seed(0)
    with dzviz.watch() as tape:
        loss, _ = PROGRAMS["transformer"]()
        loss.backward()
    graph = tape.graph(loss)
    again = dzviz.load(__import__("json").loads(dzviz.render(graph, "json", full=True)))
    assert dzviz.to_dot(again) == dzviz.to_dot(graph)


def test_one_pass_in_two_calls_of_grad():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with dzviz.watch(named={"x": x}) as tape:
        y = (x**2).sum()
        (g,) = torch.autograd.grad(y, x)
    assert g.tolist() == [2.0, 4.0]
    node = named(tape.graph(y))["x"]
    assert node.grad is None
    assert [e.contribution.tolist() for e in tape.graph(y).edges if e.source == node.id] == [[2, 4]]


def test_what_was_compiled_runs_op_by_op():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    compiled = torch.compile(net, backend="aot_eager")
    x = torch.randn(2, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own about graph breaks
        compiled(x).sum().backward()
        expected = [p.grad.numpy().tobytes() for p in net.parameters()]
        net.zero_grad()
        with dzviz.watch(net) as tape:
            y = compiled(x).sum()
            y.backward()
    assert [p.grad.numpy().tobytes() for p in net.parameters()] == expected
    assert ops(tape.graph(y)) == ["linear", "tanh", "linear", "sum"]


def test_layers_fold_with_their_frames():
    torch.manual_seed(0)
    net = nn.Sequential(*[m for _ in range(5) for m in (nn.Linear(3, 3), nn.Tanh())])
    graph = dzviz.record(net, torch.randn(2, 3))
    dot = dzviz.to_dot(graph, fold="always")
    for words in ("5 times", "0 .. 8: Linear, 12 parameters (1 function)", "0.bias .. 8.bias",
                  "Sequential, 60 parameters (10 functions)"):  # fmt: skip
        assert words in dot, words
    assert "2: Linear" not in dot
    assert dzviz.render(graph, "svg", fold="always")
    folded = dzviz.to_dot(graph, fold="always", depth=1)
    assert "0 .. 8: Linear, 12 parameters (1 function)" in folded
    assert "5 times" in folded


def test_hundreds_of_layers_and_thousands_of_ops():
    net = nn.Sequential(*[m for _ in range(300) for m in (nn.Linear(2, 2), nn.Tanh())])
    graph = dzviz.record(net, torch.ones(1, 2))
    assert len(ops(graph)) == 600
    assert "300 times" in dzviz.to_dot(graph, fold="always")
    x = torch.ones(2, requires_grad=True)
    with dzviz.watch(named={"x": x}) as tape:
        y = x
        for _ in range(5000):
            y = y * 1.0001 + 0.0001
        y.sum().backward()
    assert len(tape.graph().nodes) == 2 * 10_001 + 1
    assert named(tape.graph())["x"].grad.tolist() == x.grad.tolist()


def test_what_is_written_into_inference_tensors_is_seen():
    x = torch.ones(2)
    with dzviz.watch(named={"x": x}) as tape, torch.inference_mode():
        y = x * 2
        y.add_(1)
        y[0] = 7
        z = y * y
    graph = tape.graph(z)
    assert ops(graph) == ["* 2", "+= 1", "[0] = 7", "*"]
    assert variables(graph)[-1].data.tolist() == [49.0, 9.0]
    assert of(graph, "+= 1").data.tolist() == [3.0, 3.0]


def test_a_reentrant_checkpoint_is_said_to_hide_its_parameters():
    net = nn.Linear(3, 3)
    x = torch.randn(2, 3, requires_grad=True)
    with pytest.warns(dzviz.DzvizWarning, match="within a reentrant checkpoint"):
        dzviz.record(lambda x: checkpoint(net, x * 1, use_reentrant=True).sum(), x)
