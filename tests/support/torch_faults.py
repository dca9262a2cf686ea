"""Planted faults of gradients in programs of PyTorch, each with its cause; and sound programs."""

import warnings

import torch
import torch.nn.functional as F  # noqa: N812
from support.backend_faults import of_backend
from support.gradient_faults import Fault, computed
from torch import nn

import dzviz


def by(function, *, of=(), **values):
    """Ask about a function that PyTorch computes."""
    return computed(function, "torch", of, values)


def detached(x, w):
    return (x * w.detach()).sum()


def by_data(x, w):
    return (x * w.data).sum()


def in_no_grad(x, w):
    with torch.no_grad():
        h = x * w
    return h * x


def all_in_no_grad(x):
    with torch.no_grad():
        return x * 2


def by_item(x, w):
    return x * w.item()


def by_float(x, w):
    with warnings.catch_warnings(action="ignore"):  # PyTorch's own
        return x * float(w * 2)


def by_numpy(x, w):
    return x * torch.from_numpy(w.detach().numpy())


def made_anew(x, w):
    return x * torch.tensor(w.tolist())


def branch(x, w):
    return w * 2 if x > 0 else w


def unused(x, w):
    w * 2
    return x**2


def compared(x, w):
    return ((x > 0) * w).sum()


def rounded(x, w):
    return torch.round(x) * w


def chosen(x, w):
    return torch.stack([x, w]).argmax() * w


def whole(x, w):
    return (x.long() * w).sum()


def dead(x, w):
    return (torch.relu(x) * w).sum()


def dead_layer(x, w):
    return F.relu(x @ w).sum()


def clamped_relu(x):
    return x.clamp(min=0).sum()


def masked(x, w):
    return torch.where(x > 100, w, x).sum()


def mask_filled(x):
    return x.masked_fill(x > 0, 5.0).sum()


def product(x, w):
    return (x * w).sum()


def times_constant(x):
    return (x * 0).sum()


def saturated(x, w):
    return torch.sigmoid(x) * w


def deep_tanh(x):
    return torch.tanh(x * 40).sum()


def far_softmax(x):
    return F.softmax(x, dim=0)[0]


def summed_softmax(x):
    return F.softmax(x, dim=0).sum()


def clamped(x):
    return torch.clamp(x, 0.0, 1.0).sum()


def hardened(x):
    return F.hardtanh(x).sum()


def largest(x, w):
    return torch.maximum(x, w).sum()


def pooled(x, w):
    return F.max_pool1d(torch.cat([x, w])[None, None], 4).sum()


def subtracted(x):
    return (x - x).sum()


def cancelled(x):
    y = torch.exp(x)
    return (y / 3 + y / 7 - y * (10 / 21)).sum()


def indexed(x, w):
    return torch.cat([x, w])[:1].sum()


def overwritten(x):
    h = x * 2
    h.zero_()
    return h.sum()


def put(x):
    h = x * 2
    h[:] = 3.0
    return h.sum()


def log_of_zero(x, w):
    return (torch.log(x) * w).sum()


def root_of_zero(x):
    return torch.sqrt(x).sum()


def norm_of_zero(x):
    return x.norm()


def masked_root(x):
    return torch.where(x > 0, torch.sqrt(x), 0.0).sum()


def divided(x, w):
    return (x / w).sum()


def overflown(x):
    return (torch.exp(x) / torch.exp(x).sum())[0]


def arc(x):
    return torch.acos(x).sum()


class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.used = nn.Linear(2, 1)
        self.other = nn.Linear(2, 1)

    def forward(self, x):
        return self.used(x).sum()


class Frozen(nn.Module):
    def __init__(self):
        super().__init__()
        self.base = nn.Linear(2, 2)
        self.head = nn.Linear(2, 1)
        self.base.requires_grad_(False)

    def forward(self, x):
        return self.head(self.base(x)).sum()


class Dead(nn.Module):
    def __init__(self):
        super().__init__()
        self.inside = nn.Linear(2, 2)
        self.outside = nn.Linear(2, 1)
        with torch.no_grad():
            self.inside.bias.fill_(-100)

    def forward(self, x):
        return self.outside(self.inside(x).relu()).sum()


class Zeros(nn.Module):
    def __init__(self):
        super().__init__()
        self.inside = nn.Linear(2, 2)
        self.outside = nn.Linear(2, 1)
        nn.init.zeros_(self.outside.weight)

    def forward(self, x):
        return self.outside(torch.tanh(self.inside(x))).sum()


def middle(x):
    h = x * 2
    return (h**2).sum()


FAULTS = (
    *of_backend(by, globals()),
    Fault("detach", by(detached, x=2, w=3), "w", "cut", ("detach (", "line"), "remove"),
    Fault("data", by(by_data, x=2, w=3), "w", "cut", ("data (",), ".data"),
    Fault("no_grad", by(in_no_grad, x=2, w=3), "w", "cut", ("no_grad", "line"), "outside no_grad"),
    Fault("all no_grad", by(all_in_no_grad, x=2), "x", "cut", ("no_grad",), "outside no_grad"),
    Fault("item", by(by_item, x=2, w=3), "w", "not reached", ("item (",), "number"),
    Fault("float", by(by_float, x=2, w=3), "w", "not reached", ("float() (",), "number"),
    Fault("numpy", by(by_numpy, x=2, w=3), "w", "not reached", ("detach (",), "remove"),
    Fault("tensor", by(made_anew, x=2, w=3), "w", "not reached", ("tolist (",), "number"),
    Fault("a branch", by(branch, x=2, w=3), "x", "not reached", ("condition",), "mix both"),
    Fault("compared", by(compared, x=2, w=3), "x", "cut", ("> 0", "line"), "sigmoid"),
    Fault("long", by(whole, x=2, w=3), "x", "cut", ("long (", "int64"), "float"),
    Fault("dead layer", by(dead_layer, x=[[1, 2]], w=[[-1], [-1]]), "w", "dead", ("relu",)),
    Fault("clamp min", by(clamped_relu, x=[-1, -2]), "x", "bound", ("clamp",)),
    Fault("masked_fill", by(mask_filled, x=[2, 3]), "x", "masked", ("masked_fill",), "mask"),
    Fault("clamp", by(clamped, x=[3, -4]), "x", "bound", ("clamp",), "widen"),
    Fault("hardtanh", by(hardened, x=[3, -4]), "x", "bound", ("hardtanh",)),
    Fault("max_pool", by(pooled, x=[1, 2], w=[3, 4]), "x", "not chosen", ("max_pool1d",)),
    Fault("x - x", by(subtracted, x=[1, 2]), "x", "cancelled", ("used 2 times",)),
    Fault("rounding", by(cancelled, x=[1, 2]), "x", "cancelled", ("used 3 times", "add up to 0")),
    Fault("index", by(indexed, x=[1, 2], w=[3, 4]), "w", "not selected", ("[:1]",), "index"),
    Fault("zero_", by(overwritten, x=[1, 2]), "x", "overwritten", ("zero_",), "leave out"),
    Fault("setitem", by(put, x=[1, 2]), "x", "overwritten", ("[:] =",), "leave out"),
    Fault("log -1", by(log_of_zero, x=[-1, 2], w=[1, 1]), "x", "forward", ("NaN",), "above 0"),
    Fault("masked", by(masked_root, x=[0, 4]), "x", "backward", ("infinite slope",), "harmless"),
    Fault("acos", by(arc, x=[1, 0]), "x", "backward", ("acos",), "(-1, 1)"),
    Fault(
        "a layer that is not used",
        by(TwoHeads(), x=[[1, 2]]),
        "other.weight",
        "not reached",
        ("no op takes it",),
        "leave",
    ),
    Fault(
        "frozen",
        by(Frozen(), x=[[1, 2]]),
        "base.weight",
        "frozen",
        ("requires_grad",),
        "requires_grad",
    ),
    Fault("dead units", by(Dead(), x=[[1, 2]]), "inside.weight", "dead", ("relu",), "leaky"),
    Fault("zeros", by(Zeros(), x=[[1, 2]]), "inside.weight", "times 0", ("outside.weight",)),
    Fault("middle", by(middle, x=[1, 2], of=["v2"]), "v2", "released", ("released it",), "retain"),
)


def twice_run():
    """Two passes added up."""

    def ask():
        w = torch.tensor(3.0, requires_grad=True)
        with dzviz.watch(named={"w": w}) as watch:
            (w * 2).backward()
            y = w * 2
            y.backward()
        return dzviz.why(watch.graph(y)).answers

    return Fault("two passes", ask, "w", "doubled", ("2 passes",), "w.grad = None")


def after(passed, name, cause, says, mend="", *, first=False):
    """A fault that a pass of a program leaves, which is watched; of two of a name the first."""

    def ask():
        w = torch.tensor([3.0, 4.0], requires_grad=True)
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        with dzviz.watch(named={"w": w, "x": x}) as watch:
            y = passed(x, w)
        answers = dzviz.why(watch.graph(y)).answers
        return answers[::-1] if first else answers

    return Fault(passed.__name__, ask, name, cause, says, mend)


def backward_of_one(x, w):
    y = (x * w).sum()
    y.backward(inputs=[w])
    return y


def gradient_of_one(x, w):
    y = (x * w).sum()
    torch.autograd.grad(y, w)
    return y


def zeroed(x, w):
    y = (x * w).sum()
    y.backward()
    x.grad = None
    return y


def hooked(x, w, factor=0.0):
    h = torch.tanh(x)
    h.register_hook(lambda g: g * factor)
    y = (h * w).sum()
    y.backward()
    return y


def clipped_by_hook(x, w):
    x.register_hook(lambda g: g * 0.5)
    y = (x * w + x).sum()
    y.backward()
    return y


def hooked_twice(x, w):
    x.register_hook(torch.zeros_like)
    y = (x * w + x).sum()
    y.backward()
    return y


def hooked_to_nan(x, w):
    return hooked(x, w, float("nan"))


def stepped_between(x, w):
    h = x * 2
    with torch.no_grad():
        x += 1
    y = (x * w + h).sum()
    y.backward()
    return y


def watched_faults():
    """What a pass leaves, and what is said of it."""
    return (
        after(backward_of_one, "x", "not asked", ("asked for other gradients",), "inputs"),
        after(gradient_of_one, "x", "not asked", ("asked for other gradients",), "inputs"),
        after(zeroed, "x", "removed", ("[3, 4]", "set to None since"), "zero_grad"),
        after(hooked, "x", "hook", ("a hook changed", "tanh"), "hooks"),
        after(hooked_twice, "x", "hook", ("a hook changed",), "hooks"),
        after(clipped_by_hook, "x", "hooked", ("a hook changed",), "hooks"),
        after(hooked_to_nan, "x", "backward", ("a hook changed",), "hooks"),
        after(
            stepped_between, "x", "later data", ("data was changed",), "one gradient", first=True
        ),
    )


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.inside = nn.Linear(3, 4)
        self.norm = nn.LayerNorm(4)
        self.outside = nn.Linear(4, 2)

    def forward(self, x):
        return F.cross_entropy(self.outside(F.gelu(self.norm(self.inside(x)))), torch.tensor([0]))


def attended(x, w):
    h = x @ w
    return (F.softmax(h @ h.T / 2, -1) @ h).pow(2).mean()


def stepped(x, w):
    h = x
    for _ in range(3):
        h = torch.tanh(h * w)
    return h.sum()


def penalized(x):
    (g,) = torch.autograd.grad((x**3).sum(), x, create_graph=True)
    return (g**2).sum()


def mixed(x, w):
    return (torch.where(x > 1.5, x, w) * torch.relu(x)).sum()


SOUND = {
    "MLP": by(MLP(), x=[[1, 2, 3]]),
    "attention": by(attended, x=[[1, 2], [3, 4]], w=[[0.1, 0.2], [0.3, 0.5]]),
    "loop": by(stepped, x=[0.1, 0.2], w=[0.5, 0.6]),
    "penalty": by(penalized, x=[1, 2]),
    "where": by(mixed, x=[1, 2], w=[3, 4]),
}
