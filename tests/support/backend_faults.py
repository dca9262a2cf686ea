"""Planted faults that look the same in programs of every backend, by the programs' names."""

from support.gradient_faults import Fault

COMMON = (
    (
        "many dead",
        "dead",
        {"x": "rand(80, 80) - 2", "w": "ones(80, 80)"},
        "x",
        "dead",
        ("6400", "-1"),
    ),
    (
        "many zeros",
        "product",
        {"x": "rand(80, 80)", "w": "zeros(80, 80)"},
        "x",
        "times 0",
        ("6400 elements", "by w, which is 0"),
    ),
    ("unused", "unused", {"x": 2, "w": 3}, "w", "not reached", ("not used",), "leave w out"),
    ("round", "rounded", {"x": 2.4, "w": 3}, "x", "step", ("round", "flat"), "smooth form"),
    ("argmax", "chosen", {"x": 2, "w": 3}, "x", "cut", ("argmax (",), "softmax"),
    ("int input", "product", {"x": "int(2)", "w": 3}, "x", "integer", ("int64",)),
    ("dead relu", "dead", {"x": [-1, -2], "w": [1, 2]}, "x", "dead", ("relu", "[-1, -2]")),
    ("where", "masked", {"x": [2, 3], "w": [4, 5]}, "w", "masked", ("where",), "mask"),
    ("times 0", "product", {"x": [2, 3], "w": [0, 0]}, "x", "times 0", ("by w",)),
    ("times constant", "times_constant", {"x": [2, 3]}, "x", "times 0", ("0",)),
    ("sigmoid", "saturated", {"x": -800, "w": 2}, "x", "saturated", ("sigmoid", "x = -800")),
    ("tanh", "deep_tanh", {"x": [1, 2]}, "x", "saturated", ("tanh",), "small"),
    ("softmax", "far_softmax", {"x": [900, 2]}, "x", "saturated", ("softmax",), "logits"),
    ("sum of softmax", "summed_softmax", {"x": [1, 2, 4]}, "x", "cancelled", ("add up to 1",)),
    ("maximum", "largest", {"x": [1, 2], "w": [3, 4]}, "x", "not chosen", ("maximum",)),
    ("log 0", "log_of_zero", {"x": [0, 2], "w": [1, 1]}, "x", "forward", ("log",), "1e-12"),
    ("sqrt 0", "root_of_zero", {"x": [0, 2]}, "x", "backward", ("sqrt", "x[0] = 0"), "1e-12"),
    ("x / 0", "divided", {"x": [1, 2], "w": [0, 1]}, "x", "forward", ("w[0] = 0",), "denominator"),
    ("exp", "overflown", {"x": [1000, 2]}, "x", "forward", ("exp",), "logsumexp"),
)
"""What a fault is called, its program with its values, and what is found, as in `Fault`."""


def of_backend(by, programs):
    """Make these faults of a backend's programs, which ``by`` asks about."""
    return [Fault(name, by(programs[f], **values), *found) for name, f, values, *found in COMMON]
