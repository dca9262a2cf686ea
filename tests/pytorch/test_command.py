"""Functions and modules of files drawn, traced and differentiated by PyTorch, as a user does it."""

import json
import os
import subprocess
import sys

import pytest
import torch

import dzviz
from dzviz.graph.model import VariableNode

MODEL = """
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(3, 4)
        self.fc2 = nn.Linear(4, 2)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))


class Sized(nn.Linear):
    pass


class Wrong(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(3, 4)
        self.fc2 = nn.Linear(5, 2)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))


torch.manual_seed(0)
model = MLP()
w = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
done = (w * w).sum()


def loss(x):
    return F.cross_entropy(model(x), torch.tensor([0, 1]))


def evaluated(x):
    return model.eval()(x)


def plain(x, y):
    return (x * y + torch.sin(x)) ** 2 / y


def only_numpy(x):
    return np.sin(x)


def by_methods(x):
    return x.sin().sum()


def target(x, t):
    return F.cross_entropy(x, t)


def make():
    return MLP()


def noisy(x):
    return (x * torch.rand(2)).sum()


def number(x):
    return x.sum().item()


def lost(x, y):
    return (x * 2).sum()


def frozen(x):
    return (x.detach() * 2).sum()


def rounded(x):
    return x * torch.ones(2, dtype=torch.bfloat16)


def raises(x):
    h = torch.tanh(x)
    raise ValueError("no luck")


def writes(x):
    x += 1
    return x.sum()


def reports(x):
    return {"loss": (x * x).sum(), "accuracy": (x.detach() * 3).sum(), "label": x.argmax()}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("model")
    (path / "model.py").write_text(MODEL, "utf-8")
    return path


def run(folder, *args):
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-W", "error", "-m", "dzviz", *args]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env=environment, check=False
    )


def drawn(folder, name, *args):
    done = run(folder, "draw", "--py-function", f"model.py:{name}", "-T", "json", "--full", *args)
    assert done.returncode == 0, done.stderr
    return dzviz.load(json.loads(done.stdout)), done.stderr


def nodes(graph):
    return {n.name: n for n in graph.nodes if isinstance(n, VariableNode) and n.name}


def test_a_function_with_a_module(folder):
    graph, said = drawn(folder, "loss", "--x", "[[1,2,3],[0,1,0]]", "--backend", "torch")
    assert f"model.py:loss is computed by PyTorch {torch.__version__.partition('+')[0]}" in said
    assert graph.title == "y = loss(x), train mode"
    space = {}
    exec(MODEL, space)
    x = torch.tensor([[1.0, 2, 3], [0, 1, 0]], requires_grad=True)
    space["loss"](x).backward()
    found = nodes(graph)
    assert set(found) == {"x", "y", *(f"model.{n}" for n, _ in space["model"].named_parameters())}
    assert found["x"].grad.tolist() == x.grad.tolist()
    for name, p in space["model"].named_parameters():
        assert found[f"model.{name}"].grad.tolist() == p.grad.tolist()
    frames = {g.id: g for g in graph.groups}
    told = {(g.name, frames[g.parent].name if g.parent else None) for g in graph.groups}
    top = "model: MLP, 26 parameters"
    assert told == {
        (top, None),
        ("model.fc1: Linear, 16 parameters", top),
        ("model.fc2: Linear, 10 parameters", top),
    }


@pytest.mark.parametrize("name", ["loss", "by_methods", "plain"])
def test_auto_finds_torch(folder, name):
    values = ["--x", "[[1,2,3],[0,1,0]]"] if name == "loss" else ["--x", "1.5"]
    values += ["--y", "2"] if name == "plain" else []
    _, said = drawn(folder, name, *values)
    assert "is computed by PyTorch" in said


def test_its_rules_cannot_be_read_as_equations(folder):
    done = run(folder, "explain", "--py-function", "model.py:plain", "--x", "1", "--y", "2")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there are no rules to read" in done.stderr
    assert "dzviz why" in done.stderr


def test_what_computes_with_numpy_stays_there(folder):
    graph, said = drawn(folder, "only_numpy", "--x", "2")
    assert said == ""
    assert nodes(graph)["x"].dtype == "float64"


@pytest.mark.parametrize("name", ["MLP", "make", "model"])
def test_modules_and_what_makes_one(folder, name):
    graph, _ = drawn(folder, name, "--x", "[1,2,3]", "--random-seed", "0")
    assert graph.title == f"y = {name}(x), train mode"
    torch.manual_seed(0)
    weight = torch.nn.Linear(3, 4).weight
    assert nodes(graph)["fc1.weight"].data.tolist() == weight.tolist()


def test_modules_are_named_where_a_name_is_wrong(tmp_path):
    (tmp_path / "nets.py").write_text(
        "from torch import nn\nfrom torch.nn import Linear\n"
        "class Net(nn.Module):\n    def forward(self, x):\n        return x\n"
        "net = Net()\nlayers = nn.Sequential(Linear(2, 2))\n"
    )
    done = run(tmp_path, "--py-function", "nets.py:zzz", "--x", "1")
    assert done.returncode == 2
    assert "hint: it has Net, net, layers\n" in done.stderr


def test_the_seed_is_that_of_torch(folder):
    one, _ = drawn(folder, "noisy", "--x", "[1,2]", "--random-seed", "3")
    torch.manual_seed(3)
    assert nodes(one)["x"].grad.tolist() == torch.rand(2).tolist()


def test_a_class_that_takes_arguments(folder):
    done = run(folder, "draw", "--py-function", "model.py:Sized", "--backend", "torch")
    assert done.returncode == 2
    assert "Sized takes in_features, out_features" in done.stderr
    assert "write a function that returns the module" in done.stderr


def test_the_mode_of_modules_is_told(folder):
    graph, _ = drawn(folder, "evaluated", "--x", "[1,2,3]")
    assert graph.title == "y = evaluated(x), eval mode"


def test_values_keep_what_they_are(folder):
    graph, _ = drawn(folder, "target", "--x", "[[1,2],[3,4]]", "--t", "int([0,1])")
    assert nodes(graph)["t"].dtype == "int64"
    assert nodes(graph)["x"].dtype == "float32"
    graph, _ = drawn(folder, "plain", "--x", "1", "--y", "2", "--dtype", "float64")
    assert nodes(graph)["x"].dtype == "float64"
    graph, _ = drawn(folder, "plain", "--x", "1", "--y", "2", "--dtype", "bfloat16")
    assert {n.dtype for n in nodes(graph).values()} == {"bfloat16"}
    done = run(
        folder, "--py-function", "model.py:plain", "--x", "1", "--y", "2", "--dtype", "flaot32"
    )
    assert done.returncode == 2
    assert "PyTorch has no dtype 'flaot32' of floats" in done.stderr


def test_types_of_numbers_are_shown(folder):
    done = run(folder, "--py-function", "model.py:rounded", "--x", "[1,2]", "-T", "text",
               "--dtype", "bfloat16")  # fmt: skip
    assert "[1, 2] bfloat16" in done.stdout


def test_where_forward_raises_what_was_before_is_drawn(folder):
    done = run(
        folder, "draw", "--py-function", "model.py:Wrong", "--x", "[1,2,3]", "-o", "wrong.svg"
    )
    assert done.returncode == 4
    assert "calling model.py:Wrong raised RuntimeError" in done.stderr
    assert "linear of shapes (4,), (2, 5), (2,) raised RuntimeError" in done.stderr
    line = 1 + MODEL.splitlines().index("        return self.fc2(torch.relu(self.fc1(x)))")
    assert f"(model.py, line {line}, in forward)" in done.stderr
    picture = (folder / "wrong.svg").read_text("utf-8")
    assert "linear: RuntimeError" in picture
    assert f"(model.py, line {line})" in picture
    assert run(folder, "grad", "--py-function", "model.py:Wrong", "--x", "[1,2,3]").returncode == 4


def test_where_the_users_own_code_raises(folder):
    done = run(folder, "draw", "--py-function", "model.py:raises", "--x", "1", "--backend", "torch")
    assert done.returncode == 4
    assert "calling model.py:raises raised ValueError: no luck (model.py, line" in done.stderr


def test_what_returns_no_tensor(folder):
    done = run(
        folder, "draw", "--py-function", "model.py:number", "--x", "[1,2]", "--backend", "torch"
    )
    assert done.returncode == 4
    assert "model.py:number returned float, not a tensor: it left the graph" in done.stderr


def test_what_is_odd_is_said(folder):
    _, said = drawn(folder, "lost", "--x", "[1,2]", "--y", "3")
    assert "'y' does not reach the output" in said
    graph, said = drawn(folder, "frozen", "--x", "[1,2]")
    assert "requires_grad False, so there is no backward pass" in said
    assert "detached" in {n.grad_note for n in graph.nodes if isinstance(n, VariableNode)}


def test_gradients_and_traces(folder):
    done = run(folder, "grad", "--py-function", "model.py:target", "--x", "[[1,2],[3,4]]",
               "--t", "int([0,1])", "--dtype", "float64")  # fmt: skip
    x = torch.tensor([[1.0, 2], [3, 4]], dtype=torch.float64, requires_grad=True)
    torch.nn.functional.cross_entropy(x, torch.tensor([0, 1])).backward()
    assert done.stdout == f"x\t{x.grad.tolist()}\nt\tNone\n"
    done = run(folder, "trace", "--py-function", "model.py:plain", "--x", "2", "--y", "3")
    assert "+ -> sin(x)" in done.stdout
    assert "sum      x" in done.stdout


def test_other_commands_say_what_they_cannot(folder):
    done = run(folder, "gradcheck", "--py-function", "model.py:plain", "--x", "2", "--y", "3")
    assert done.returncode == 2
    assert "there is torch.autograd.gradcheck" in done.stderr
    done = run(folder, "--py-function", "model.py:plain", "--x", "2", "--y", "3", "--order", "2")
    assert done.returncode == 2
    assert "--order only works with dzviz's own engine" in done.stderr


def test_a_tensor_of_a_file(folder):
    graph, _ = drawn(folder, "done")
    assert graph.outputs
    assert "as autograd knows it afterwards" in graph.title or graph.title == "done of model.py"


def test_folding_of_modules(folder):
    done = run(
        folder, "--py-function", "model.py:make", "--x", "[1,2,3]", "--depth", "0", "-T", "text"
    )
    assert "MLP, 26 parameters (3 functions) of x" in done.stdout


def test_no_torch_before_it_is_needed():
    code = (
        "import sys, dzviz; dzviz.record, dzviz.watch, dzviz.draw\n"
        "from dzviz.__main__ import program\n"
        "sys.argv = ['dzviz', 'sin(x)', '--x', '1']\n"
        "try: program()\n"
        "except SystemExit: pass\n"
        "assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", ["why", "trace", "flow", "explain", "grad", "value"])
def test_every_command_says_the_error_of_a_forward_pass(folder, command):
    asked = ("--py-function", "model.py:writes", "--backend", "torch", "--x", "[1,2]")
    done = run(folder, command, *asked)
    assert done.returncode == 4
    assert "raised RuntimeError: a leaf Variable" in done.stderr
    assert "backward() first" not in done.stdout + done.stderr


def test_outputs_without_a_gradient_are_not_differentiated(folder):
    done = run(folder, "draw", "--py-function", "model.py:reports", "--x", "[1,2]", "-T", "text")
    assert "loss, accuracy, label = reports(x)\ngrad = d(loss)/d(node)" in done.stdout, done.stderr
