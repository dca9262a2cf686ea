"""Families of ops of all engines that end a gradient in the same way; each op is named here once.

It knows names alone. An op that is not here is judged by its numbers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from dzviz.graph.model import FunctionNode

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "product": (
        *("*", "mul", "rmul", "imul", "multiply", "prod", "cumprod", "reduceprod"),
        *("@", "matmul", "rmatmul", "imatmul", "dot", "dotgeneral", "vdot", "tensordot", "einsum"),
        *("mm", "bmm", "mv", "addmm", "addmv", "addbmm", "baddbmm", "addr", "chainmatmul"),
        *("linear", "bilinear", "outer", "inner", "kron", "multidot", "vecdot"),
        *("conv1d", "conv2d", "conv3d", "convolution", "convgeneraldilated"),
        *("convtranspose1d", "convtranspose2d", "convtranspose3d", "convtranspose"),
    ),
    "quotient": ("/", "div", "rdiv", "truediv", "rtruediv", "itruediv", "divide", "truedivide"),
    "sum": (
        *("+", "-", "add", "radd", "iadd", "sub", "rsub", "isub", "subtract", "addany"),
        *("sum", "nansum", "mean", "nanmean", "reducesum", "cumsum", "trace", "avgpool2d"),
        *("broadcastto", "broadcastindim", "expand", "expandas", "repeat", "tile"),
    ),
    "rectifier": ("relu", "relu6", "threshold"),
    "choice": (
        *("maximum", "minimum", "max", "min", "fmax", "fmin", "amax", "amin", "aminmax"),
        *("reducemax", "reducemin", "cummax", "cummin", "reducewindowmax", "reducewindowmin"),
        *("maxpool", "maxpool1d", "maxpool2d", "maxpool3d", "maxpool2dwithindices"),
        *("adaptivemaxpool1d", "adaptivemaxpool2d", "topk", "kthvalue", "median", "nanmedian"),
        *("mode", "quantile", "nanquantile"),
    ),
    "mask": ("where", "selectn", "maskedfill", "maskedselect", "maskedscatter"),
    "bounds": (
        *("clip", "clamp", "clampmin", "clampmax", "hardtanh", "hardsigmoid", "hardswish"),
        *("hardshrink", "softshrink"),
    ),
    "step": (
        *("floor", "ceil", "round", "rint", "trunc", "fix", "sign", "sgn", "heaviside", "step"),
        *("<", "<=", ">", ">=", "==", "!=", "lt", "le", "gt", "ge", "eq", "ne"),
        *("less", "lessequal", "greater", "greaterequal", "equal", "notequal", "signbit"),
        *("isnan", "isinf", "isfinite", "isclose", "logicaland", "logicalor", "logicalnot"),
        *("argmax", "argmin", "argsort", "searchsorted", "bucketize", "bincount", "nonzero"),
        *("//", "floordivide", "floordiv", "onehot", "bernoulli", "multinomial"),
    ),
    "saturating": (
        *("sigmoid", "logistic", "tanh", "erf", "erfc", "ndtr", "softsign", "tanhshrink"),
        *("arctan", "atan", "softplus", "logsigmoid", "silu", "swish", "gelu", "mish"),
        *("elu", "selu", "celu"),
    ),
    "exponential": ("exp", "exp2", "expm1", "sinh", "cosh"),
    "normalized": (
        *("softmax", "softmin", "logsoftmax", "gumbelsoftmax"),
        *("layernorm", "batchnorm", "instancenorm", "groupnorm", "nativelayernorm"),
        *("nativebatchnorm", "nativegroupnorm"),
    ),
    "logarithm": ("log", "log2", "log10", "log1p", "logit", "xlogy", "xlog1py", "lgamma"),
    "root": ("sqrt", "rsqrt", "cbrt"),
    "norm": (
        *("norm", "vectornorm", "matrixnorm", "linalgnorm", "linalgvectornorm", "linalgmatrixnorm"),
        *("std", "hypot", "cdist", "pairwisedistance", "normalize", "cosinesimilarity"),
    ),
    "power": ("**", "pow", "rpow", "ipow", "power", "floatpower", "integerpow"),
    "reciprocal": ("reciprocal",),
    "arc": ("acos", "asin", "arccos", "arcsin", "atanh", "arctanh", "acosh", "arccosh", "erfinv"),
    "cut": ("detach", "data", "stopgradient", "nograd"),
    "joining": (
        *("stack", "concatenate", "concat", "cat", "hstack", "vstack", "dstack", "columnstack"),
        *("rowstack", "blockdiag"),
    ),
    "moving": (
        *("reshape", "view", "viewas", "reshapeas", "flatten", "ravel", "unflatten", "squeeze"),
        *("unsqueeze", "expanddims", "transpose", "t", "mt", "permute", "permutedims", "swapaxes"),
        *("movedim", "moveaxis", "contiguous", "clone", "flip", "rev", "roll", "rot90", "sort"),
        *("msort", "to", "float", "double", "half", "astype", "convertelementtype", "astensor"),
    ),
    "labels": (
        *("softmaxcrossentropy", "crossentropy", "crossentropyloss", "nllloss", "nllloss2d"),
        *("nlllossnd",),
    ),
    "selection": (
        *("getitem", "slice", "index", "select", "indexselect", "gather", "take", "takealongdim"),
        *("takealongaxis", "narrow", "split", "chunk", "unbind", "diagonal", "diag", "tril"),
        *("triu", "dynamicslice", "item", "embedding", "embeddingbag", "dropout", "dropout1d"),
        *("dropout2d", "dropout3d", "alphadropout", "featurealphadropout"),
    ),
    "overwriting": (
        *("setitem", "zero", "fill", "copy", "indexput", "indexfill", "indexcopy", "scatter"),
        *("dynamicupdateslice", "selectscatter", "slicescatter"),
    ),
}
"""The families of ops, with the names of their members in small letters and without ``_``."""

SUMMANDS: Mapping[str, int] = {
    **dict.fromkeys(("linear", "conv1d", "conv2d", "conv3d"), 2),
    **dict.fromkeys(("convolution", "convtranspose1d", "convtranspose2d", "convtranspose3d"), 2),
    **dict.fromkeys(("addmm", "addmv", "addbmm", "baddbmm", "addr"), 0),
    "bilinear": 3,
}
"""Which operand of a product is added to it, and not multiplied."""

FAMILY = {name: family for family, names in FAMILIES.items() for name in names}
"""The family of each op."""


def family_of(function: FunctionNode) -> str:
    """Return the family of a Function, by what its source calls it; an empty text for none."""
    found = family_of_name(function.op) or family_of_name(function.label)
    return found or ("selection" if function.label.startswith("[") else "")


def family_of_name(text: str) -> str:
    """Return the family of an op by its name; an empty text for none."""
    return FAMILY.get(_plain(text), "")


def summand_of(function: FunctionNode) -> int | None:
    """Return which operand of a product is only added to it; None if none is."""
    return SUMMANDS.get(_plain(function.op), SUMMANDS.get(_plain(function.label)))


def is_elementwise(function: FunctionNode) -> bool:
    """Whether an op computes each element from one element of each operand, and no sum of them."""
    names = ("*", "mul", "rmul", "imul", "multiply", *FAMILIES["quotient"])
    return _plain(function.op) in names or _plain(function.label) in names


def _plain(text: str) -> str:
    return plain_name(next(iter(text.split()), ""))


def plain_name(name: str) -> str:
    """Return a name as it stands in the table: ``aten::log_softmax``, ``MulBackward0``."""
    name = name.rpartition("::")[2].rpartition(".")[2] or name
    name = re.sub(r"Backward\d*$", "", name).lower()
    return re.sub(r"[\W_]", "", name) or name
