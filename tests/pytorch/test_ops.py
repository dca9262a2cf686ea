"""Every op that PyTorch has: its values, first and second derivatives are those of PyTorch."""

import math
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812  # as everybody calls it

import dezero
from dezero import OPS
from dzviz.language.evaluate import evaluate
from dzviz.language.parse import parse


def tensor(x: Any) -> Any:
    """Return a tensor of numbers, lists or tensors."""
    if isinstance(x, list) and any(isinstance(each, torch.Tensor) for each in x):
        kind = next(each.dtype for each in x if isinstance(each, torch.Tensor))
        return torch.stack([torch.as_tensor(each, dtype=kind) for each in x])
    return torch.as_tensor(x)


def like(x: Any, other: Any) -> Any:
    return torch.as_tensor(x, dtype=other.dtype)


def reduced(name: str) -> Any:
    def reduce(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        axes = tuple(range(x.ndim)) if axis is None else axis
        if not x.ndim:
            return getattr(torch, name)(x)
        return getattr(torch, name)(x, dim=axes, keepdim=keepdims)

    return reduce


def spread(name: str) -> Any:
    def reduce(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return getattr(torch, name)(x, dim=axis, keepdim=keepdims, correction=0)

    return reduce


def product(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    axes = range(x.ndim) if axis is None else [axis] if isinstance(axis, int) else axis
    for each in sorted((a % x.ndim for a in axes), reverse=True):
        x = torch.prod(x, dim=each, keepdim=keepdims)
    return x


def norm(x: Any, ord: float = 2, axis: Any = None, keepdims: bool = False) -> Any:
    return torch.linalg.vector_norm(x, ord, dim=axis, keepdim=keepdims)


def transpose(x: Any, axes: Any = None) -> Any:
    return x.permute(tuple(reversed(range(x.ndim))) if axes is None else axes)


def squeeze(x: Any, axis: Any = None) -> Any:
    return x.squeeze() if axis is None else x.squeeze(axis)


def expand_dims(x: Any, axis: Any) -> Any:
    axes = [axis] if isinstance(axis, int) else axis
    for each in sorted(a % (x.ndim + len(axes)) for a in axes):
        x = x.unsqueeze(each)
    return x


def softmaxed(function: Any) -> Any:
    def apply(x: Any, axis: Any = None) -> Any:
        return function(x, dim=(0 if x.ndim == 1 else 1) if axis is None else axis)

    return apply


def windowed(name: str) -> Any:
    def pool(x: Any, size: Any = 2, stride: Any = None) -> Any:
        lead = x.shape[:-2]
        y = getattr(F, name)(x.reshape(-1, 1, *x.shape[-2:]), size, stride=stride)
        return y.reshape(*lead, *y.shape[-2:])

    return pool


def convolved(axes: int) -> Any:
    def conv(x: Any, w: Any, b: Any = None, stride: Any = 1, pad: Any = 0) -> Any:
        function = getattr(F, f"conv{axes}d")
        if w.ndim == axes:
            b = None if b is None else b.reshape(1)
            return function(x[None, None], w[None, None], b, stride, pad)[0, 0]
        return function(x, w, b, stride, pad)

    return conv


def batch_norm(x: Any, gamma: Any = None, beta: Any = None) -> Any:
    return F.batch_norm(x, None, None, gamma, beta, training=True)


def layer_norm(x: Any, gamma: Any = None, beta: Any = None) -> Any:
    return F.layer_norm(x, x.shape[-1:], gamma, beta)


def attention(q: Any, k: Any, v: Any, mask: Any = None, causal: bool = False) -> Any:
    mask = None if mask is None else torch.as_tensor(mask, dtype=torch.bool)
    # The plain one has second derivatives.
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal)


def lstm_cell(x: Any, h: Any, c: Any, w: Any, u: Any, b: Any = None) -> Any:
    flat = x.ndim == 1
    x, h, c = (each[None] if flat else each for each in (x, h, c))
    bh = None if b is None else torch.zeros_like(b)
    found = torch.lstm_cell(x, (h, c), w.T, u.T, b, bh)
    return [each[0] if flat else each for each in found]


def gru_cell(x: Any, h: Any, w: Any, u: Any, b: Any = None, bh: Any = None) -> Any:
    flat = x.ndim == 1
    x, h = (each[None] if flat else each for each in (x, h))
    found = torch.gru_cell(x, h, w.T, u.T, b, bh)
    return found[0] if flat else found


def roll(x: Any, shift: Any, axis: Any = None) -> Any:
    return torch.roll(x, shift, axis)


def cumsum(x: Any, axis: Any = None) -> Any:
    return torch.cumsum(x.reshape(-1) if axis is None else x, dim=0 if axis is None else axis)


def solve(a: Any, b: Any) -> Any:
    return torch.linalg.solve(a, b[..., None])[..., 0] if b.ndim == 1 else torch.linalg.solve(a, b)


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    axes = tuple(range(x.ndim)) if axis is None else axis
    return torch.logsumexp(x, dim=axes, keepdim=keepdims)


def extreme(name: str) -> Any:
    def find(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        axes = tuple(range(x.ndim)) if axis is None else axis
        return getattr(torch, name)(x, dim=axes, keepdim=keepdims)

    return find


SAME = (
    *("exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "square", "sin", "cos", "tan"),
    *("arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "sigmoid", "abs", "sign", "maximum"),
    *("minimum", "hypot", "einsum", "outer", "diag", "broadcast_to", "relu", "det"),
)
"""Ops that have PyTorch's name and arguments."""

NAMES: dict[str, Any] = {
    **{name: getattr(torch, name) for name in SAME},
    **{name: reduced(name) for name in ("sum", "mean")},
    **{name: spread(name) for name in ("var", "std")},
    "arctan2": torch.atan2,
    "attention": attention,
    "avg_pool2d": windowed("avg_pool2d"),
    "batch_norm": batch_norm,
    "binary_cross_entropy": lambda p, t: F.binary_cross_entropy(p, like(t, p)),
    "clip": lambda x, low=None, high=None: torch.clamp(x, low, high),
    "concatenate": lambda xs, axis=0: torch.cat(xs, dim=axis),
    "conv1d": convolved(1),
    "conv2d": convolved(2),
    "cumsum": cumsum,
    "dot": lambda a, b: torch.matmul(a, b) if a.ndim and b.ndim else a * b,
    "elu": lambda x, alpha=1.0: F.elu(x, alpha),
    "embedding": lambda ids, w: F.embedding(torch.as_tensor(ids), w),
    "expand_dims": expand_dims,
    "gelu": F.gelu,
    "gru_cell": gru_cell,
    "hardtanh": lambda x, low=-1.0, high=1.0: F.hardtanh(x, low, high),
    "hstack": lambda xs: torch.hstack(xs),
    "huber": lambda a, b, delta=1.0: F.huber_loss(a, b, delta=delta),
    "inv": torch.linalg.inv,
    "kl_div": lambda p, q: F.kl_div(torch.log(q), p, reduction="sum"),
    "layer_norm": layer_norm,
    "leaky_relu": lambda x, slope=0.01: F.leaky_relu(x, slope),
    "linear": lambda x, w, b=None: F.linear(x, w.T, b),
    "log_softmax": softmaxed(F.log_softmax),
    "logsumexp": logsumexp,
    "lstm_cell": lstm_cell,
    "max": extreme("amax"),
    "max_pool2d": windowed("max_pool2d"),
    "mean_squared_error": lambda a, b: ((a - b) ** 2).sum() / (len(a) if a.ndim else 1),
    "min": extreme("amin"),
    "ndtr": torch.special.ndtr,
    "norm": norm,
    "prod": product,
    "reshape": lambda x, shape: torch.reshape(x, (shape,) if isinstance(shape, int) else shape),
    "roll": roll,
    "silu": F.silu,
    "softmax": softmaxed(F.softmax),
    "softmax_cross_entropy": lambda x, t: F.cross_entropy(x, torch.as_tensor(t)),
    "softplus": F.softplus,
    "softsign": F.softsign,
    "solve": solve,
    "sort": lambda x, axis=-1: torch.sort(x, dim=axis).values,
    "squeeze": squeeze,
    "stack": lambda xs, axis=0: torch.stack(xs, dim=axis),
    "sum_to": lambda x, shape: x.sum_to_size(shape),
    "topk": lambda x, k, axis=-1: torch.topk(x, k, dim=axis).values,
    "transpose": transpose,
    "vstack": lambda xs: torch.vstack(xs),
    "where": lambda c, a, b: torch.where(tensor(c) != 0, a, b),
}
"""Each op as PyTorch has it, with our arguments; what is missing is an operator or an index."""

OPERATORS = {"add", "sub", "mul", "div", "neg", "pow", "matmul", "get_item"}

NOT_THERE = {
    "dropout": "its random numbers are others",
}

EXCEPT = {
    "[x, 2, x]": "a list is none of its tensors",
    "prod(x * [0, 1, 0])": "a list is none of its tensors",
    "x.T": "of a tensor it says that this is deprecated",
}
"""Examples that are not PyTorch's language."""

NOT_COMPARED = OPS.keys() - {*NAMES, *OPERATORS, *NOT_THERE}
"""Ops of ours alone, and new ones, until somebody says what PyTorch calls them."""

CASES = [
    pytest.param(op, text, shapes, id=f"{text} {' '.join(map(str, shapes))}")
    for op in OPS.values()
    if op.name not in {*NOT_THERE, *NOT_COMPARED}
    for text, all_shapes in op.examples.items()
    if text not in EXCEPT
    for shapes in all_shapes
]


def test_every_op_is_compared_or_it_is_said_why_not():
    assert {*NAMES, *OPERATORS, *NOT_THERE} <= OPS.keys()
    if NOT_COMPARED:
        pytest.skip(f"not compared with PyTorch: {len(NOT_COMPARED)}, {', '.join(NOT_COMPARED)}")


def points(op, shapes, dtype, seed=1):
    """Draw points of the domain, not near kinks."""
    generator = np.random.default_rng(seed)
    low, high = op.sample
    found = []
    for shape in shapes:
        array = np.asarray(generator.uniform(low, high, shape))
        for kink in op.kinks:
            side = np.where(array < kink, -1, 1)
            array = np.where(np.abs(array - kink) < 0.05, kink + 0.3 * side, array)
        found.append(np.asarray(array, dtype))
    return found


def weights(shape, dtype):
    return np.cos(np.arange(np.prod(shape, dtype=int)) + 1.0).reshape(shape).astype(dtype)


def ours(text, arrays):
    """Return the value, first and second derivatives."""
    program = parse(text)
    made = evaluate(program, dict(zip(program.names, arrays, strict=True)))
    y, xs = made.outputs[0], [made.inputs[name] for name in program.names]
    first = dezero.grad((y * weights(y.shape, y.dtype)).sum(), xs, create_graph=True)
    total = sum((g * weights(g.shape, g.dtype)).sum() for g in first)
    second = [np.zeros_like(x.data) for x in xs]
    if not total.constant:
        second = [g.data for g in dezero.grad(total, xs)]
    return y.data, [g.data for g in first], second


def theirs(text, arrays):
    """Return the same of PyTorch, with zeros where nothing came."""
    xs = [torch.tensor(array, requires_grad=True) for array in arrays]
    names = dict(zip(parse(text).names, xs, strict=True))
    y = eval(text, {**NAMES, "inf": math.inf}, names)
    total = (y * torch.as_tensor(weights(tuple(y.shape), arrays[0].dtype))).sum()
    zeros = {"allow_unused": True, "materialize_grads": True}
    first = torch.autograd.grad(total, xs, create_graph=True, **zeros)
    parts = [g * torch.as_tensor(weights(tuple(g.shape), arrays[0].dtype)) for g in first]
    total = sum(part.sum() for part in parts)
    second = [torch.zeros_like(x) for x in xs]
    if total.requires_grad:
        second = list(torch.autograd.grad(total, xs, **zeros))
    return (
        y.detach().numpy(force=True),
        [g.detach().numpy(force=True) for g in first],
        [g.detach().numpy(force=True) for g in second],
    )


def compare(text, arrays, tolerance):
    found, expected = ours(text, arrays), theirs(text, arrays)
    assert found[0].shape == expected[0].shape
    np.testing.assert_allclose(found[0], expected[0], tolerance, tolerance)
    for some, others in zip(found[1:], expected[1:], strict=True):
        for a, b in zip(some, others, strict=True):
            assert (a.shape, a.dtype) == (b.shape, b.dtype)
            np.testing.assert_allclose(a, b, tolerance, tolerance)


@pytest.mark.parametrize(("op", "text", "shapes"), CASES)
def test_values_and_derivatives(op, text, shapes):
    compare(text, points(op, shapes, np.float64), 1e-9)


@pytest.mark.parametrize(("op", "text", "shapes"), CASES)
def test_the_same_of_single_precision(op, text, shapes):
    compare(text, points(op, shapes, np.float32, 2), 2e-3 if op.name in ("inv", "solve") else 2e-4)


OTHER_AT_KINKS = {
    "hardtanh": "0 at the ends, where that of torch.clamp and of dzviz is 1",
}
"""What the first derivative of PyTorch is at a kink, where it is not ours."""

KINKS = [
    pytest.param(
        op, next(e for e, s in op.examples.items() if s[0] == ((),)), kink, id=f"{name} {kink}"
    )
    for name, op in OPS.items()
    for kink in op.kinks
    if name not in OTHER_AT_KINKS
]


@pytest.mark.parametrize(("op", "text", "kink"), KINKS)
def test_at_kinks(op, text, kink):
    arrays = [np.array([kink, kink])]
    found, expected = ours(text, arrays), theirs(text, arrays)
    np.testing.assert_allclose(found[0], expected[0])
    np.testing.assert_allclose(found[1], expected[1])


def test_a_planted_mistake_is_found(monkeypatch):
    monkeypatch.setitem(NAMES, "sin", lambda x: torch.sin(x) + 1e-7 * x * x)
    with pytest.raises(AssertionError):
        compare("sin(x)", [np.array([0.5, 1.0])], 1e-9)


TIES = {
    "maximum(a, b)": ([1.0, 2.0], [1.0, 3.0]),
    "minimum(a, b)": ([1.0, 2.0], [1.0, 3.0]),
    "max(x)": ([3.0, 1.0, 3.0],),
    "min(x, axis=0)": ([[1.0, 2.0], [1.0, 3.0]],),
    "norm(x, 1)": ([0.0, 2.0],),
    "prod(x)": ([0.0, 2.0, 0.0],),
    "hypot(a, b)": ([0.0, 3.0], [2.0, 0.0]),
    "arctan2(a, b)": ([0.0, 3.0], [2.0, 0.0]),
    "huber(a, b)": ([0.0, 3.0], [1.0, 2.0]),
    "softplus(x)": ([0.0, 30.0, -30.0],),
}


@pytest.mark.parametrize("text", TIES)
def test_at_ties_and_zeros(text):
    arrays = [np.array(array) for array in TIES[text]]
    for some, others in zip(ours(text, arrays)[:2], theirs(text, arrays)[:2], strict=True):
        np.testing.assert_allclose(some, others, 1e-9)
