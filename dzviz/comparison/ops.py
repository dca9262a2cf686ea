"""The names of an op in all engines, and how it treats the order of its operands.

It only knows names; an op that is not here is compared by its name and by its numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from dzviz.diagnosis.families import plain_name
from dzviz.records import NamedTuple

SAME: Mapping[str, tuple[str, ...]] = {
    "add": ("+",),
    "sub": ("subtract", "rsub"),
    "neg": ("negative",),
    "mul": ("*", "multiply"),
    "div": ("/", "divide", "truediv", "truedivide"),
    "pow": ("**", "power", "integerpow"),
    "square": (),
    "matmul": ("@", "mm", "mv", "bmm", "dot", "dotgeneral"),
    "linear": (),
    "addmm": (),
    "sum": ("reducesum",),
    "mean": (),
    "max": ("amax", "reducemax"),
    "min": ("amin", "reducemin"),
    "maximum": ("fmax",),
    "minimum": ("fmin",),
    "exp": (),
    "expm1": (),
    "log": (),
    "log1p": (),
    "sqrt": (),
    "rsqrt": (),
    "reciprocal": (),
    "abs": ("absolute",),
    "sign": (),
    "sin": (),
    "cos": (),
    "tan": (),
    "arcsin": ("asin",),
    "arccos": ("acos",),
    "arctan": ("atan",),
    "sinh": (),
    "cosh": (),
    "tanh": (),
    "erf": (),
    "sigmoid": ("logistic", "expit"),
    "relu": (),
    "leakyrelu": (),
    "elu": (),
    "gelu": (),
    "silu": ("swish",),
    "softplus": (),
    "softmax": (),
    "logsoftmax": (),
    "logsumexp": (),
    "softmaxcrossentropy": ("crossentropy",),
    "layernorm": (),
    "batchnorm": (),
    "dropout": (),
    "where": ("select", "selectn"),
    "clip": ("clamp",),
    "concatenate": ("cat", "concat"),
    "stack": (),
    "getitem": ("slice", "dynamicslice", "gather"),
    "transpose": ("t", "permute", "swapaxes"),
    "conv2d": (),
    "reshape": ("view", "flatten", "ravel", "squeeze", "unsqueeze", "expanddims", "unsafeview"),
    "broadcast": ("broadcastto", "expand", "expandas", "broadcastindim", "broadcast"),
    "cast": ("convertelementtype", "astype", "to", "tocopy", "float", "double"),
    "copy": ("clone", "contiguous", "alias", "identity", "copyp"),
    "detach": ("stopgradient",),
}
"""Each op by one name, with what else it is called; in small letters without ``_``."""

KNOWN = {name: op for op, names in SAME.items() for name in (op, *names)}
"""The op of each name."""

COMMUTATIVE = frozenset({"add", "mul", "maximum", "minimum"})

NEUTRAL = frozenset({"reshape", "broadcast", "cast", "copy"})
"""Ops that leave each number as it is, and which some engines need between others."""


class Op(NamedTuple):
    """An op as it is compared: its ``name``, and whether that is one that `SAME` knows.

    ``left`` and ``right`` are numbers that its label has as operands: ``** 2``, ``1 -``.
    """

    name: str
    known: bool
    left: float | None = None
    right: float | None = None


@lru_cache(maxsize=10_000)
def op_of(op: str, label: str, operands: int) -> Op:
    """Return what an op is called here, by its name and its label."""
    left, word, right = _parts(label)
    name = next((KNOWN[n] for n in (_plain(word), _plain(op)) if n in KNOWN), None)
    if word == "-" or name == "sub":
        name = "neg" if operands == 1 and left is None and right is None else "sub"
    if label.startswith("["):
        name = "getitem"
    if name not in _BINARY:
        left = right = None
    return Op(name or _plain(op) or _plain(label), name is not None, left, right)


_BINARY = ("add", "sub", "mul", "div", "pow", "maximum", "minimum")
"""Ops of two operands, of which one may stand in the label."""


def _parts(label: str) -> tuple[float | None, str, float | None]:
    """Take a label apart: ``1 - `` has a number before its word, ``** 2`` one behind it."""
    words = label.split()
    if len(words) == 2:
        first, last = _float(words[0]), _float(words[1])
        if last is not None and first is None:
            return None, words[0], last
        if first is not None and last is None:
            return first, words[1], None
    return None, words[0] if words else "", None


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _plain(text: str) -> str:
    return text if text in KNOWN else plain_name(text)
