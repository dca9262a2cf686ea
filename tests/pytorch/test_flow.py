"""Where gradients vanish in modules of PyTorch, against norms that PyTorch itself computes."""

import math

import pytest
import torch
from support.schemas import answered
from torch import nn

MODULES = '''
import torch
from torch import nn


class Deep(nn.Module):
    """Twelve layers of sigmoids."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(16, 16) for _ in range(12)])

    def forward(self, x):
        for layer in self.layers:
            x = torch.sigmoid(layer(x))
        return x.mean()


class Block(nn.Module):
    """One layer beside a way around it."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(16, 16)

    def forward(self, x):
        return x + torch.sigmoid(self.linear(x))


class Residual(nn.Module):
    """Twelve of them."""

    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([Block() for _ in range(12)])

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x.mean()


class RNN(nn.Module):
    """A cell that runs 300 times."""

    def __init__(self):
        super().__init__()
        self.cell = nn.RNNCell(1, 8)
        self.out = nn.Linear(8, 1)

    def forward(self, x):
        h = torch.zeros(1, 8)
        for t in range(300):
            h = self.cell(x[:, t : t + 1], h)
        return self.out(h).sum()
'''


@pytest.fixture
def flow(capsys, tmp_path):
    """Ask about a module; return what is told, and the same module and input."""
    path = tmp_path / "nets.py"
    path.write_text(MODULES)
    scope = {}
    exec(MODULES, scope)

    def ask(name, *shape):
        x = torch.tensor([[math.sin(3 * i + j) for j in range(shape[1])] for i in range(shape[0])])
        words = ("--py-function", f"{path}:{name}", "--x", str(x.tolist()), "--backend", "torch")
        told = answered(capsys, "flow", *words)
        torch.manual_seed(0)
        return told, scope[name](), x.requires_grad_()

    return ask


def norms_of_modules(net, x):
    """Return for each module the norms of the gradients of its results and of its inputs."""
    ends = {}

    def note(name):
        def hook(module, inputs, result):
            ends[name] = inputs, result

        return hook

    for name, module in net.named_modules():
        if name and not isinstance(module, nn.ModuleList):
            module.register_forward_hook(note(name))
    y = net(x)
    gradients = {}
    for name, (inputs, result) in ends.items():
        out, *into = torch.autograd.grad(y, [result, *inputs], retain_graph=True)
        gradients[name] = float(out.norm()), [float(g.norm()) for g in into]
    return gradients


def frames_of(told):
    return {frame["name"].partition(":")[0]: frame for frame in told["frames"]}


@pytest.mark.parametrize("name", ["Deep", "Residual"])
def test_a_module_has_the_norms_of_its_ends(flow, name):
    told, net, x = flow(name, 4, 16)
    frames = frames_of(told)
    expected = norms_of_modules(net, x)
    assert len(expected) >= 12
    blocks = {key: value for key, value in expected.items() if ".linear" not in key}
    for key, (out, (into,)) in blocks.items():
        assert frames[key]["came"] == pytest.approx(out, rel=1e-4), key
        assert frames[key]["sent"] == pytest.approx(into, rel=1e-4), key
    whole = next(frame for frame in told["frames"] if frame["name"].startswith(name))
    (gx,) = torch.autograd.grad(net(x), x)
    assert whole["sent"] == pytest.approx(float(gx.norm()), rel=1e-4)
    ratios = [frames[key]["sent"] / frames[key]["came"] for key in blocks]
    if name == "Deep":
        assert whole["sent"] < 1e-10
        assert max(ratios) < 0.8
    else:
        assert 0.01 < whole["sent"] < 1
        assert 0.9 < min(ratios) < max(ratios) < 1.1


def test_a_deep_stack_of_sigmoids_says_at_which_layer_it_is_lost(flow):
    told, net, x = flow("Deep", 4, 16)
    values = []
    for layer in net.layers:
        values.append(layer(x))
        x = torch.sigmoid(values[-1])
    norms = [float(g.norm()) for g in torch.autograd.grad(x.mean(), values)]
    lost = max(i for i, norm in enumerate(norms) if norm < 1e-7)
    firsts = [
        leaf["strongest"]["first"] for leaf in told["leaves"] if leaf["name"].startswith("layers.0")
    ]
    assert [(first["time"], first["times"]) for first in firsts] == [(lost + 1, 12)] * 2


def test_a_residual_stack_loses_nothing_on_its_strongest_way(flow):
    told, *_ = flow("Residual", 4, 16)
    leaves = {leaf["name"]: leaf for leaf in told["leaves"]}
    assert leaves["x"]["strongest"]["first"] is None
    assert leaves["x"]["strongest"]["log10"] > -1
    assert leaves["x"]["weakest"]["log10"] < -10


def test_a_loop_of_300_times_says_at_which_time_it_vanished(flow):
    told, net, x = flow("RNN", 1, 300)
    states, items, h = [], [], torch.zeros(1, 8)
    for t in range(300):
        items.append(x[:, t : t + 1])
        h = net.cell(items[-1], h)
        states.append(h)
    gradients = torch.autograd.grad(net.out(h).sum(), [*states, *items])
    norms = [float(g.norm()) for g in gradients[:300]]  # there is one way from each to the end
    vanished = max(t for t, norm in enumerate(norms) if norm < 1e-7)
    leaves = {leaf["name"]: leaf for leaf in told["leaves"]}
    first = leaves["cell.weight_hh"]["weakest"]["first"]
    # What came to that time is above the limit, and what it sends on is below.
    assert (first["time"], first["times"]) == (vanished + 2, 300)
    assert leaves["cell.weight_hh"]["strongest"]["first"] is None
    silent = sum(not g.any() for g in gradients)
    assert silent > 100
    assert len(told["silent"]) == silent
