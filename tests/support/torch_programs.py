"""Programs of PyTorch for tests: each returns a loss and the leaves that want gradients."""

import warnings
from itertools import pairwise

import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn
from torch.utils.checkpoint import checkpoint


def seeded(shape, *, grad=True, scale=1.0, dtype=None):
    return (torch.randn(shape, dtype=dtype) * scale).requires_grad_(grad)


def of(module, *xs):
    """Its parameters and those of the inputs that want a gradient."""
    return [*module.parameters(), *(x for x in xs if x.requires_grad)]


def mlp():
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    x = seeded((5, 3))
    return net(x).pow(2).mean(), of(net, x)


def conv():
    net = nn.Sequential(
        nn.Conv2d(1, 3, 3, padding=1),
        nn.BatchNorm2d(3),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(12, 2),
    )
    x = seeded((2, 1, 4, 4))
    return F.cross_entropy(net(x), torch.tensor([0, 1])), of(net, x)


def transformer():
    net = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
    x = seeded((2, 3, 8))
    return net(x).pow(2).mean(), of(net, x)


def dropout_transformer():
    net = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2)
    x = seeded((2, 3, 8))
    return net(x).pow(2).mean(), of(net, x)


def lstm():
    net = nn.LSTM(3, 4, 2)
    x = seeded((5, 2, 3))
    out, (h, c) = net(x)
    return out.mean() + h.pow(2).sum() + c.abs().sum(), of(net, x)


def lstm_cell():
    cell = nn.LSTMCell(3, 4)
    x = seeded((4, 2, 3))
    h = c = torch.zeros(2, 4)
    for step in x:
        h, c = cell(step, (h, c))
    return h.sum(), of(cell, x)


class Block(nn.Module):
    def __init__(self, inside, outside, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(inside, outside, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outside)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(outside, outside, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outside)
        self.down = None
        if stride != 1 or inside != outside:
            self.down = nn.Sequential(
                nn.Conv2d(inside, outside, 1, stride, bias=False), nn.BatchNorm2d(outside)
            )

    def forward(self, x):
        kept = x if self.down is None else self.down(x)
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        out += kept
        return self.relu(out)


class ResNet(nn.Module):
    """The shape of ResNet-18, with fewer channels."""

    def __init__(self, width=2):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.pool = nn.MaxPool2d(3, 2, 1)
        sizes = [width, width, 2 * width, 4 * width, 8 * width]
        self.layers = nn.Sequential(
            *(
                nn.Sequential(Block(a, b, 1 if i == 0 else 2), Block(b, b))
                for i, (a, b) in enumerate(pairwise(sizes))
            )
        )
        self.fc = nn.Linear(8 * width, 5)

    def forward(self, x):
        x = self.pool(F.relu(self.bn1(self.conv1(x)), inplace=True))
        x = self.layers(x)
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))


def resnet():
    net = ResNet()
    x = seeded((2, 3, 64, 64))
    return F.cross_entropy(net(x), torch.tensor([0, 3])), of(net, x)


def shared_weights():
    layer = nn.Linear(3, 3)
    x = seeded((2, 3))
    return layer(torch.tanh(layer(x))).sum() + (layer.weight**2).sum(), of(layer, x)


def frozen_layer():
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
    net[0].requires_grad_(False)
    x = seeded((2, 3), grad=False)
    return net(x).sum(), of(net[2])


def inplace_relu():
    x = seeded((4,))
    y = x * 2
    y.relu_()
    z = y * x
    z += 1
    z.mul_(2)
    return (z * z).sum(), [x]


def set_item():
    x, w = seeded((4,)), seeded(())
    y = x * 3
    y[0] = 0
    y[1] = w
    y[2:] = x[:2] * w
    return (y * x).sum(), [x, w]


def view_after_write():
    x = seeded((6,))
    y = x * 1.5
    view = y.view(2, 3)
    row = view[0]
    y.mul_(2)
    y[1] = 5
    return view.pow(2).sum() + row.exp().sum(), [x]


def write_into_view():
    x, w = seeded((2, 3)), seeded((3,))
    y = x * 1.0
    y[0].mul_(w)
    y[1].add_(w).tanh_()
    return (y**3).sum(), [x, w]


def getters():
    x, w = seeded((2, 3)), seeded((2, 3))
    return (x.T @ w.mT.T).sum() + x.data.sum() * w.mean() + (3 - x).sum() / 2 + (2**w).sum(), [x, w]


def same_twice():
    x = seeded((3,))
    return (x * x - x / x + torch.where(x > 0, x, x) + torch.atan2(x, x)).sum(), [x]


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w):
        ctx.save_for_backward(x, w)
        return x**3 * w, x + w

    @staticmethod
    def backward(ctx, g, h):
        x, w = ctx.saved_tensors
        return 3 * x**2 * w * g + h, x**3 * g + h


def own_function():
    x, w = seeded((3,)), seeded((3,))
    a, b = Cube.apply(torch.sin(x), w)
    return (a * b).sum(), [x, w]


def cross_entropy():
    x = seeded((3, 4))
    return F.cross_entropy(x, torch.tensor([0, 2, 1]), label_smoothing=0.1), [x]


def embedding():
    net = nn.Embedding(5, 3)
    return net(torch.tensor([[0, 2, 0]])).pow(2).sum(), of(net)


def attention():
    q, k, v = (seeded((2, 3, 4)) for _ in range(3))
    return F.scaled_dot_product_attention(q, k, v).pow(2).sum(), [q, k, v]


def multihead():
    net = nn.MultiheadAttention(4, 2)
    x = seeded((3, 2, 4))
    out, weights = net(x, x, x)
    return out.pow(2).sum() + weights.max(), of(net, x)


def checkpoint_plain():
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh())
    x = seeded((2, 3))
    return checkpoint(net, x, use_reentrant=False).sum() + x.sum(), of(net, x)


def checkpoint_reentrant():
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh())
    x = seeded((2, 3))
    return checkpoint(net, x, use_reentrant=True).sum() + x.sum(), of(net, x)


def vmapped():
    x, w = seeded((4, 3)), seeded((3,))
    y = torch.vmap(lambda row: torch.sin(row * w).sum())(x)
    return (y * y).sum(), [x, w]


def no_grad_part():
    x = seeded((3,))
    with torch.no_grad():
        scale = x.norm()
    return (x / scale).sum() * x.detach().max() + x.sum(), [x]


def inference_part():
    x = seeded((3,))
    with torch.inference_mode():
        scale = torch.ones(3) * 2
    return (x + scale.clone()).sum(), [x]


def several_outputs():
    x = seeded((4, 3))
    top, where = x.max(dim=1)
    a, b = x.chunk(2)
    return top.sum() + (a * b).sum() + torch.stack(list(x.unbind(1))).prod() + where.sum(), [x]


def einsum():
    a, b = seeded((2, 3)), seeded((3, 4))
    return torch.einsum("ij,jk->ik", a, b).pow(2).sum(), [a, b]


def complex_numbers():
    x = seeded((4,))
    return torch.fft.fft(x * 2).abs().sum(), [x]


def sparse():
    w = seeded((3, 2))
    a = torch.eye(3).to_sparse()
    return torch.sparse.mm(a, w).pow(2).sum(), [w]


def double_backward():
    x = seeded((3,))
    y = (x**3).sum()
    (g,) = torch.autograd.grad(y, x, create_graph=True)
    return (g * g).sum() + y, [x]


def user_hooks():
    x = seeded((3,))
    y = torch.tanh(x)
    y.register_hook(lambda g: g.clamp(max=0.1))
    return (y * 3).sum(), [x]


def hook_on_leaf():
    x = seeded((3,))
    x.register_hook(lambda g: g * 10)
    return (x * x).sum(), [x]


def retained():
    x = seeded((3,))
    y = x.exp()
    y.retain_grad()
    return (y * y).sum(), [x]


def autocast():
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    x = seeded((2, 3))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y = net(x)
    return y.float().sum(), of(net, x)


def unused_results():
    x = seeded((3,))
    y = x * 2
    _ = y.exp() + 1
    return y.sum(), [x]


def broadcasting():
    x, b = seeded((2, 3)), seeded((3,))
    return (x + b).mul(b).sub(x, alpha=2).sum(), [x, b]


def inplace_leaf_without_grad():
    x = seeded((3,))
    counter = torch.zeros(3)
    counter += 1
    counter[0] = 5
    return (x * counter).sum(), [x]


def gradient_penalty():
    """A weight is used there and back, by one node of autograd that transposes it."""
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    x = seeded((5, 3))
    (g,) = torch.autograd.grad(net(x).sum(), x, create_graph=True)
    return ((g.norm(dim=1) - 1) ** 2).mean(), [x, net[0].weight, net[2].weight]


def cast_once():
    """Under autocast both uses of the weight have one copy of it in common."""
    layer, x = nn.Linear(3, 3), seeded((2, 3))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y = layer(x) @ layer.weight
    return y.float().sum(), of(layer, x)


def forward_mode():
    x = seeded((3,))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # PyTorch's own, about torch.jit
        y, tangent = torch.func.jvp(torch.sin, (x,), (torch.ones(3),))
    return (y * tangent).sum(), [x]


def traced():
    layer, x = nn.Linear(3, 4), seeded((2, 3))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return torch.jit.trace(layer, torch.randn(2, 3))(x).sum(), of(layer, x)


def complex_leaf():
    z = seeded((4,), dtype=torch.complex64)
    return (z * z.conj()).real.sum() + z.abs().sum(), [z]


def jagged():
    a, b = seeded((2, 3)), seeded((4, 3))
    both = torch.nested.as_nested_tensor([a, b], layout=torch.jagged)
    return (both * 2).values().pow(2).sum(), [a, b]


def spectral_norm():
    layer = nn.utils.parametrizations.spectral_norm(nn.Linear(2, 2))
    x = seeded((3, 2))
    return layer(x).sum(), of(layer, x)


def gan_step():
    maker, judge = (
        nn.Linear(2, 3),
        nn.Sequential(nn.Linear(3, 4), nn.LeakyReLU(0.2), nn.Linear(4, 1)),
    )
    noise, real = seeded((4, 2), grad=False), seeded((4, 3), grad=False)
    ones, zeros = torch.ones(4, 1), torch.zeros(4, 1)
    fake, score = maker(noise), F.binary_cross_entropy_with_logits
    (score(judge(real), ones) + score(judge(fake.detach()), zeros)).backward()
    return score(judge(fake), ones), of(judge) + of(maker)


def accumulation():
    net = nn.Linear(3, 2)
    for _ in range(3):
        (net(seeded((4, 3), grad=False)).pow(2).mean() / 4).backward()
    return net(seeded((4, 3), grad=False)).pow(2).mean() / 4, of(net)


def written_by_index():
    """Python reads ``x[:, 0]``, adds in place, and writes it back into what it is a view of."""
    x = seeded((3, 2))
    y = x * 2
    y[:, 0] += 1
    y[1] *= 3
    return y.pow(2).sum(), [x]


def lazy_layer():
    net = nn.Sequential(nn.LazyLinear(2), nn.Tanh(), nn.LazyLinear(1))
    return net(torch.ones(1, 3)).sum(), of(net)


class Marked(torch.Tensor):
    """A subclass of a tensor, whose ops return it."""


def subclass():
    x = torch.randn(3).as_subclass(Marked).requires_grad_()
    return (x * x).as_subclass(torch.Tensor).sum(), [x]


def written_under_no_grad():
    x = seeded((2,))
    y = x * 1
    with torch.no_grad():
        y.mul_(5)
    return (y * 3).sum(), [x]


def written_by_data():
    x = seeded((2,))
    y = x * 1
    y.data.mul_(5)
    z = y * 3
    z.data = torch.zeros(2)
    return (z * z + z).sum(), [x]


def half_of_it():
    net = nn.Linear(2, 2).bfloat16()
    return net(torch.ones(3, 2, dtype=torch.bfloat16)).float().pow(2).sum(), of(net)


def own_of_temporaries():
    x, w = seeded((3,)), seeded((3,))
    a, b = Cube.apply(torch.sin(x) * 2, (w + 1).exp())
    return (a * b).sum(), [x, w]


PROGRAMS = {
    f.__name__: f
    for f in (
        *(mlp, conv, transformer, dropout_transformer, lstm, lstm_cell, resnet, shared_weights),
        *(frozen_layer, inplace_relu, set_item, view_after_write, write_into_view, getters),
        *(same_twice, own_function, cross_entropy, embedding, attention, multihead),
        *(checkpoint_plain, checkpoint_reentrant, vmapped, no_grad_part, inference_part),
        *(several_outputs, einsum, complex_numbers, sparse, double_backward, user_hooks),
        *(hook_on_leaf, retained, autocast, unused_results, broadcasting),
        *(inplace_leaf_without_grad, gan_step, accumulation, gradient_penalty, cast_once),
        *(forward_mode, traced, complex_leaf, jagged, spectral_norm),
        *(written_by_index, lazy_layer, subclass, written_under_no_grad, written_by_data),
        *(half_of_it, own_of_temporaries),
    )
}
"""Every program by its name."""
