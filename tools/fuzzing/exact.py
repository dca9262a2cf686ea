"""Expressions computed by mpmath, at any number of digits: the truth that gradients are held to.

It reads the text by Python's own parser and knows each op by its definition; it shares nothing with
the project. A result that is not a real number is NaN.
"""

from __future__ import annotations

import ast
import math
import operator
import random
from collections.abc import Callable, Mapping
from typing import Any

import mpmath
import numpy as np

from fuzzing.layers import LAYERS, norm, windows

DIGITS = 64
STEP = mpmath.mpf(10) ** -20
"""The step of differences: their error is about as large, and twice its digits are lost."""

DECIMAL = math.log10(2)

NAN = mpmath.mpf("nan")


class Exact:
    """Computes one expression.

    It notes how each choice fell (``choices``) and how near it was (``margin``: 0 is on the kink),
    and the decimal exponent of the ``largest`` number on the way. Every result is multiplied
    by ``1 + noise * r``, with an r of its own from -1 to 1, to see what roundings would do.
    """

    def __init__(self, text: str, noise: Any = 0, seed: int = 0) -> None:
        self.tree = ast.parse(text.strip(), mode="eval").body
        self.noise = noise
        self.seed = seed
        self.restart()

    def restart(self) -> None:
        """Forget what was noted."""
        self.dice = random.Random(self.seed)
        self.choices: list[Any] = []
        self.margin = math.inf
        self.largest = -math.inf

    def __call__(self, values: Mapping[str, Any]) -> Any:
        """Return its value, of shape ()."""
        self.restart()
        self.values = values
        return self.value(self.tree)[()]

    def value(self, node: ast.expr) -> Any:
        """Compute a node."""
        match node:
            case ast.Constant(value=number):
                return box(mpmath.mpf(number))
            case ast.Name(id="pi"):
                return box(mpmath.mpf(math.pi))
            case ast.Name(id="e"):
                return box(mpmath.mpf(math.e))
            case ast.Name(id=name):
                return self.values[name]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.made(-self.value(operand))
            case ast.BinOp(left=left, op=ast.MatMult(), right=right):
                return self.made(np.matmul(self.value(left), self.value(right)))
            case ast.BinOp(left=left, op=op, right=right):
                return self.made(each(BINARY[type(op)], self.value(left), self.value(right)))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self.chosen(COMPARED[type(op)], self.value(left), self.value(right))
            case ast.List(elts=items):
                return np.stack([self.value(item) for item in items])
            case ast.Subscript(value=value, slice=key):
                return boxed(self.value(value)[literal(key)])
            case ast.Attribute(value=value):
                return self.value(value).T
            case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords):
                return self.call(name, args, {k.arg: literal(k.value) for k in keywords})
        raise NotImplementedError(ast.dump(node))

    def call(self, name: str, args: list[ast.expr], options: dict[Any, Any]) -> Any:
        """Compute a call."""
        if name in ELEMENTWISE:
            return self.made(each(ELEMENTWISE[name], self.value(args[0])))
        if name == "einsum":
            text, *operands = args
            return self.made(boxed(np.einsum(literal(text), *map(self.value, operands))))
        if name in LAYERS:
            count, layer = LAYERS[name]
            values = [self.value(a) for a in args[:count]]
            results = layer(*values, *map(literal, args[count:]), **options)
            if isinstance(results, tuple):
                return tuple([self.made(boxed(result)) for result in results])
            return self.made(boxed(results))
        if name in ("stack", "concatenate", "hstack", "vstack"):
            items = [self.value(item) for item in args[0].elts]  # type: ignore[attr-defined]
            return getattr(np, name)(items, **options)
        first = self.value(args[0])
        if name in RESHAPING:
            return boxed(RESHAPING[name](first, *map(literal, args[1:]), **options))
        if name in self.KINKED:
            rest = [self.value(a) if name in PAIRED else literal(a) for a in args[1:]]
            return self.KINKED[name](self, first, *rest, **options)
        if name in REDUCTIONS:
            return self.made(boxed(REDUCTIONS[name](first, **options)))
        if name == "sum_to":
            return self.made(sum_to(first, literal(args[1])))
        return self.made(boxed(ALGEBRA[name](first, *[self.value(a) for a in args[1:]], **options)))

    def made(self, result: Any) -> Any:
        """Note how large a result is, and make the noise."""
        result = each(real, result)
        for number in result.flat:
            if mpmath.isfinite(number) and number:
                self.largest = max(self.largest, mpmath.mag(number) * DECIMAL)
        if self.noise:
            dice = self.dice
            return each(lambda x: x * (1 + self.noise * dice.uniform(-1, 1)), result)
        return result

    def chosen(self, relation: Callable[..., Any], a: Any, b: Any) -> Any:
        """Compare, and note how it fell and how near it was."""
        for x, y in np.broadcast(a, b):
            gap, size = abs(x - y), max(abs(x), abs(y), mpmath.mpf(1))
            if mpmath.isfinite(gap) and mpmath.isfinite(size):
                self.margin = min(self.margin, float(gap / size))
            self.choices.append((x > y) - (x < y))
        return each(relation, a, b)

    def select(self, condition: Any, a: Any, b: Any) -> Any:
        """Take one or the other."""
        return each(lambda c, x, y: x if c else y, condition, a, b)

    def maximum(self, a: Any, b: Any) -> Any:
        """Take the larger."""
        return self.select(self.chosen(operator.gt, a, b), a, b)

    def minimum(self, a: Any, b: Any) -> Any:
        """Take the smaller."""
        return self.select(self.chosen(operator.lt, a, b), a, b)

    def clip(self, x: Any, low: Any = None, high: Any = None) -> Any:
        """Keep between two numbers."""
        if low is not None:
            x = self.maximum(x, box(mpmath.mpf(low)))
        return x if high is None else self.minimum(x, box(mpmath.mpf(high)))

    def sign(self, x: Any) -> Any:
        """Tell the sign."""
        up = self.chosen(operator.gt, x, ZERO)
        return each(lambda u, v: mpmath.mpf(1 if u else -1 if v < 0 else 0), up, x)

    def best(self, x: Any, axis: Any = None, keepdims: bool = False, *, sign: int) -> Any:
        """Find the largest, or the smallest, along axes."""
        axes = tuple(range(x.ndim)) if axis is None else np.atleast_1d(axis) % max(x.ndim, 1)
        axes = tuple(int(a) for a in axes)
        kept = [i for i in range(x.ndim) if i not in axes]
        rows = np.transpose(x, (*kept, *axes)).reshape(*[x.shape[i] for i in kept], -1)
        result = rows[..., 0]
        for i in range(1, rows.shape[-1]):
            op = self.maximum if sign > 0 else self.minimum
            result = op(boxed(result), boxed(rows[..., i]))
        shape = [1 if i in axes else n for i, n in enumerate(x.shape)]
        return boxed(result).reshape(shape) if keepdims else boxed(result)

    def elu(self, x: Any, alpha: float = 1.0) -> Any:
        """Go on below 0 as an exponential."""
        below = each(lambda v: mpmath.mpf(alpha) * mpmath.expm1(v), x)
        return self.select(self.chosen(operator.gt, x, ZERO), x, below)

    def leaky_relu(self, x: Any, slope: float = 0.01) -> Any:
        """Go on below 0 as a line."""
        below = each(lambda v: mpmath.mpf(slope) * v, x)
        return self.select(self.chosen(operator.gt, x, ZERO), x, below)

    def norm(self, x: Any, ord: float = 2, axis: Any = None, keepdims: bool = False) -> Any:
        """Compute a length; the absolute values have kinks."""
        if ord == math.inf:
            return self.best(each(operator.mul, x, self.sign(x)), axis, keepdims, sign=1)
        size = x if ord == 2 else each(operator.mul, x, self.sign(x))
        return boxed(norm(size, ord, axis, keepdims))

    def sort(self, x: Any, axis: int = -1, most: int | None = None) -> Any:
        """Sort; where two are equal there is a kink. With ``most`` it is the largest, backwards."""
        rows = np.moveaxis(x, axis, -1)
        for i in range(rows.shape[-1]):
            for j in range(i):
                self.chosen(operator.gt, boxed(rows[..., i]), boxed(rows[..., j]))
        rows = np.sort(rows, axis=-1)
        return np.moveaxis(rows if most is None else rows[..., ::-1][..., :most], -1, axis)

    def huber(self, a: Any, b: Any, delta: Any = 1) -> Any:
        """Compute squares that go on as lines."""
        size = each(operator.mul, a - b, self.sign(a - b))
        delta = mpmath.mpf(delta[()] if isinstance(delta, np.ndarray) else delta)
        far = self.chosen(operator.gt, size, box(delta))
        terms = each(lambda f, s: delta * (s - delta / 2) if f else s * s / 2, far, size)
        return boxed(np.sum(terms) / terms.size)

    KINKED: Mapping[str, Callable[..., Any]] = {
        "abs": lambda self, x: each(operator.mul, x, self.sign(x)),
        "clip": clip,
        "elu": elu,
        "hardtanh": lambda self, x, low=-1, high=1: self.clip(x, low, high),
        "huber": huber,
        "leaky_relu": leaky_relu,
        "max_pool2d": lambda self, x, *s, **o: self.best(windows(x, *s, **o), -1, sign=1),
        "max": lambda self, x, axis=None, keepdims=False: self.best(x, axis, keepdims, sign=1),
        "maximum": maximum,
        "min": lambda self, x, axis=None, keepdims=False: self.best(x, axis, keepdims, sign=-1),
        "minimum": minimum,
        "norm": norm,
        "relu": lambda self, x: self.maximum(x, ZERO),
        "sign": sign,
        "softsign": lambda self, x: each(lambda v, s: v / (1 + v * s), x, self.sign(x)),
        "sort": sort,
        "topk": lambda self, x, k, axis=-1: self.sort(x, axis, k),
        "where": select,
    }


PAIRED = frozenset({"huber", "maximum", "minimum", "where"})
"""Those of them whose other arguments are operands, too."""


def box(number: Any) -> Any:
    """Return an array of shape () that holds a number."""
    array = np.empty((), object)
    array[()] = number
    return array


def boxed(value: Any) -> Any:
    """Return an array also of what NumPy took out of one."""
    return value if isinstance(value, np.ndarray) else box(value)


def each(function: Callable[..., Any], *arrays: Any) -> Any:
    """Apply a function to every element; what it cannot compute is NaN."""

    def safe(*numbers: Any) -> Any:
        try:
            return function(*numbers)
        except (ValueError, OverflowError, ZeroDivisionError, TypeError):
            return NAN

    return boxed(np.frompyfunc(safe, len(arrays), 1)(*arrays))


def real(number: Any) -> Any:
    """Return a number, NaN for one that is not real."""
    return NAN if isinstance(number, mpmath.mpc) else mpmath.mpf(number)


def literal(node: ast.expr) -> Any:
    """Read an axis, a shape, a flag or an index."""
    match node:
        case ast.Slice(lower=lower, upper=upper, step=step):
            return slice(*(part and literal(part) for part in (lower, upper, step)))
        case ast.Tuple(elts=items):
            return tuple(map(literal, items))
        case ast.Name(id="inf"):
            return math.inf
    return ast.literal_eval(node)


def divided(a: Any, b: Any) -> Any:
    """Divide as floats do: by 0 to infinity."""
    if b:
        return a / b
    return a * mpmath.inf if a else NAN


def power(a: Any, b: Any) -> Any:
    """Raise as floats do."""
    return mpmath.inf if not a and b < 0 else a**b


def sigmoid(x: Any) -> Any:
    """Compute 1 / (1 + exp(-x))."""
    return 1 / (1 + mpmath.exp(-x))


def softmax(x: Any, axis: int | None = None) -> Any:
    """Compute exp(x) / sum(exp(x))."""
    axis = min(x.ndim - 1, 1) if axis is None else axis
    powers = each(mpmath.exp, x)
    return each(operator.truediv, powers, np.sum(powers, axis=axis, keepdims=True))


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Compute log(sum(exp(x)))."""
    return each(mpmath.log, boxed(np.sum(each(mpmath.exp, x), axis=axis, keepdims=keepdims)))


def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Compute the mean."""
    total = boxed(np.sum(x, axis=axis, keepdims=keepdims))
    return each(lambda t: t / (x.size // max(total.size, 1)), total)


def var(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Compute the mean square of the distances from the mean."""
    centre = mean(x, axis, keepdims=True) if x.ndim else x
    return mean(each(lambda a, b: (a - b) ** 2, x, centre), axis, keepdims)


def cross_entropy(x: Any, t: Any) -> Any:
    """Compute the mean of -log(softmax) at the labels."""
    logs = each(mpmath.log, softmax(x))
    chosen = [logs[i, int(label)] for i, label in enumerate(t)]
    return -sum(chosen, mpmath.mpf(0)) / len(chosen)


def sum_to(x: Any, shape: Any) -> Any:
    """Sum along the axes in which ``shape`` is smaller."""
    shape = (shape,) if isinstance(shape, int) else shape
    lead = x.ndim - len(shape)
    axes = tuple(range(lead)) + tuple(
        lead + i for i, n in enumerate(shape) if n == 1 and x.shape[lead + i] != 1
    )
    return boxed(np.sum(x, axis=axes, keepdims=True)).reshape(shape)


ZERO = box(mpmath.mpf(0))

BINARY: Mapping[type, Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: divided,
    ast.Pow: power,
}
COMPARED: Mapping[type, Callable[..., Any]] = {ast.Gt: operator.gt, ast.Lt: operator.lt}
ELEMENTWISE: Mapping[str, Callable[..., Any]] = {
    "arccos": mpmath.acos,
    "arcsin": mpmath.asin,
    "arctan": mpmath.atan,
    "cos": mpmath.cos,
    "cosh": mpmath.cosh,
    "exp": mpmath.exp,
    "expm1": mpmath.expm1,
    "gelu": lambda x: x * mpmath.erfc(-x / mpmath.sqrt(2)) / 2,
    "log": mpmath.log,
    "log10": lambda x: mpmath.log(x) / mpmath.log(10),
    "log1p": lambda x: mpmath.log(1 + x),
    "log2": lambda x: mpmath.log(x) / mpmath.log(2),
    "ndtr": lambda x: mpmath.erfc(-x / mpmath.sqrt(2)) / 2,
    "neg": operator.neg,
    "sigmoid": sigmoid,
    "silu": lambda x: x * sigmoid(x),
    "sin": mpmath.sin,
    "sinh": mpmath.sinh,
    "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)),
    "sqrt": mpmath.sqrt,
    "square": lambda x: x * x,
    "tan": mpmath.tan,
    "tanh": mpmath.tanh,
}
RESHAPING: Mapping[str, Callable[..., Any]] = {
    "broadcast_to": np.broadcast_to,
    "expand_dims": np.expand_dims,
    "get_item": lambda x, key: x[key],
    "reshape": np.reshape,
    "squeeze": np.squeeze,
    "transpose": np.transpose,
}
REDUCTIONS: Mapping[str, Callable[..., Any]] = {
    "logsumexp": logsumexp,
    "mean": mean,
    "prod": np.prod,
    "sum": np.sum,
    "var": var,
}
ALGEBRA: Mapping[str, Callable[..., Any]] = {
    "add": lambda a, b: each(operator.add, a, b),
    "arctan2": lambda a, b: each(mpmath.atan2, a, b),
    "div": lambda a, b: each(divided, a, b),
    "dot": lambda a, b: np.dot(a, b),
    "hypot": lambda a, b: each(lambda p, q: mpmath.sqrt(p * p + q * q), a, b),
    "linear": lambda x, w, b=ZERO: np.matmul(x, w) + b,
    "log_softmax": lambda x, axis=None: each(mpmath.log, softmax(x, axis)),
    "matmul": np.matmul,
    "mean_squared_error": lambda a, b: np.sum((a - b) ** 2) / (len(a) if a.ndim else 1),
    "mul": lambda a, b: each(operator.mul, a, b),
    "pow": lambda a, b: each(power, a, b),
    "softmax": softmax,
    "softmax_cross_entropy": cross_entropy,
    "sub": lambda a, b: each(operator.sub, a, b),
}
