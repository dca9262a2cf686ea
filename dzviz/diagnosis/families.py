"""What ops of any engine have in common where a gradient ends; every op's name is here once.

It knows names alone. An op that is not here is judged by its numbers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from dzviz.graph.model import FunctionNode

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "product": (
        *("*", "mul", "multiply", "@", "matmul", "dot", "dotgeneral", "mm", "bmm", "mv", "vdot"),
        *("linear", "addmm", "baddbmm", "outer", "inner", "einsum", "tensordot", "prod"),
        *("conv1d", "conv2d", "conv3d", "convolution", "convgeneraldilated"),
    ),
    "quotient": ("/", "div", "truediv", "divide"),
    "sum": (
        "+",
        "-",
        "add",
        "sub",
        "subtract",
        "sum",
        "mean",
        "reducesum",
        "broadcastto",
        "expand",
    ),
    "rectifier": ("relu", "relu6", "threshold"),
    "choice": (
        *("maximum", "minimum", "max", "min", "fmax", "fmin", "amax", "amin"),
        *("reducemax", "reducemin", "maxpool2d", "maxpool", "topk"),
    ),
    "mask": ("where", "select", "selectn", "maskedfill", "maskedselect", "maskedscatter"),
    "bounds": ("clip", "clamp", "hardtanh", "hardsigmoid", "hardswish", "clampmin", "clampmax"),
    "step": (
        *("floor", "ceil", "round", "rint", "trunc", "fix", "sign", "heaviside", "step"),
        *("<", "<=", ">", ">=", "==", "!=", "lt", "le", "gt", "ge", "eq", "ne", "less", "greater"),
        *("argmax", "argmin", "//", "floordivide", "onehot"),
    ),
    "saturating": (
        *("sigmoid", "logistic", "tanh", "erf", "ndtr", "softsign", "arctan", "atan", "softplus"),
        *("logsigmoid", "silu", "swish", "gelu", "elu", "selu", "celu", "mish", "exp", "expm1"),
    ),
    "normalized": ("softmax", "logsoftmax", "layernorm", "batchnorm", "instancenorm", "groupnorm"),
    "cut": ("detach", "data", "stopgradient", "nograd", "item", "numpy"),
    "joining": ("stack", "concatenate", "concat", "cat", "hstack", "vstack", "dstack"),
    "labels": ("softmaxcrossentropy", "crossentropy", "crossentropyloss", "nllloss"),
    "selection": ("getitem", "slice", "index", "indexselect", "gather", "embedding", "dropout"),
}
"""The families of ops, with the names of their members in small letters and without ``_``."""

FAMILY = {name: family for family, names in FAMILIES.items() for name in names}
"""The family of each op."""


def family_of(function: FunctionNode) -> str:
    """Return the family of a Function, by what its source calls it; an empty text for none."""
    for text in (function.op, function.label):
        name = _plain(text)
        if name in FAMILY:
            return FAMILY[name]
    if function.label.startswith("["):
        return "selection"
    return ""


def _plain(text: str) -> str:
    """Return a name as it stands in the table: ``aten::log_softmax``, ``MulBackward0``."""
    words = text.split()
    name = words[0] if words else ""
    name = name.rpartition("::")[2].rpartition(".")[2] or name
    name = re.sub(r"Backward\d*$", "", name).lower()
    return re.sub(r"[\W_]", "", name) or name
