"""How the user writes JAX's primitives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

WORDS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "div": "/",
    "neg": "-",
    "rem": "%",
    "pow": "**",
    "square": "** 2",
    "max": "maximum",
    "min": "minimum",
    "gt": ">",
    "ge": ">=",
    "lt": "<",
    "le": "<=",
    "eq": "==",
    "ne": "!=",
    "add_any": "+",
    "and": "&",
    "or": "|",
    "xor": "^",
    "not": "~",
    "logistic": "sigmoid",
    "while": "while_loop",
}
"""Primitives that are called otherwise in `jax.numpy`."""


def _reduction(word: str) -> Callable[[Any], str]:
    def label(equation: Any) -> str:
        axes = tuple(equation.params["axes"])
        if len(axes) == len(equation.invars[0].aval.shape):
            return word
        return f"{word} axis={axes[0] if len(axes) == 1 else axes}"

    return label


def _matmul(equation: Any) -> str:
    (left, right), batch = equation.params["dimension_numbers"]
    ranks = [len(x.aval.shape) for x in equation.invars]
    plain = max(ranks) <= 2 and tuple(left) == (ranks[0] - 1,) and tuple(right) == (0,)
    return "@" if plain and not any(map(len, batch)) else "dot_general"


def _transpose(equation: Any) -> str:
    axes = tuple(equation.params["permutation"])
    return "T" if axes == tuple(reversed(range(len(axes)))) else f"transpose {axes}"


def _slice(equation: Any) -> str:
    params = equation.params
    starts, ends = params["start_indices"], params["limit_indices"]
    steps = params["strides"] or (1,) * len(starts)
    ranges = zip(starts, ends, steps, strict=True)
    return f"[{', '.join(f'{a}:{b}' if s == 1 else f'{a}:{b}:{s}' for a, b, s in ranges)}]"


def _result(word: str) -> Callable[[Any], str]:
    return lambda equation: f"{word} {tuple(equation.outvars[0].aval.shape)}"


LABELS: Mapping[str, Callable[[Any], str]] = {
    "integer_pow": lambda e: f"** {e.params['y']}",
    "convert_element_type": lambda e: f"astype {e.outvars[0].aval.dtype}",
    "dot_general": _matmul,
    "transpose": _transpose,
    "slice": _slice,
    "concatenate": lambda e: f"concatenate axis={e.params['dimension']}",
    **{name: _result("reshape") for name in ("reshape", "squeeze", "expand_dims")},
    "broadcast_in_dim": _result("broadcast_to"),
    **{f"reduce_{word}": _reduction(word) for word in ("sum", "max", "min", "prod", "and", "or")},
    **{word: _reduction(word) for word in ("argmax", "argmin")},
}
"""Primitives that are written with what they are set to."""


OPS = {"max": "maximum", "min": "minimum", "add_any": "add"}
"""Primitives whose names mean something else elsewhere in dzviz."""


def op(equation: Any) -> str:
    """Return the name of what an equation does."""
    name = str(equation.primitive.name)
    return OPS.get(name, name)


def label(equation: Any) -> str:
    """Return what the user writes for an equation: ``+``, ``sum axis=0``; else its primitive."""
    name = equation.primitive.name
    if name in LABELS:
        return LABELS[name](equation)
    found: str = WORDS.get(name, name)
    return found
