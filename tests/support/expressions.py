"""Sixty expressions that several engines compute: the same text, each engine's functions."""

import ast

import numpy as np

X = [0.3, -0.7, 1.2]
POSITIVE = [0.4, 1.3, 2.1]
SQUARE = [[0.5, -0.3, 0.8], [0.2, 0.9, -0.6], [-0.4, 0.1, 0.7]]

UNARY = (
    *("sin(x)", "cos(x)", "tanh(x)", "exp(x)", "-x", "x ** 2", "x ** 3", "abs(x)", "square(x)"),
    *("sinh(x)", "cosh(x)", "arctan(x)", "arcsin(x / 2)", "expm1(x)", "tan(x)", "x / 3", "2 - x"),
)
OF_POSITIVE = ("log(x)", "sqrt(x)", "log1p(x)", "x ** 1.5", "1 / x", "x ** -1", "2 ** x")

SHARED = (
    "a = x * x; a * sin(a) + x",
    "x * x",
    "x * x * x",
    "a = sin(x); a * a",
    "a = exp(x); a / (1 + a)",
    "a = tanh(x); a * (1 - a * a)",
    "a = x + 1; b = a * a; b * a + b",
    "a = cos(x); b = sin(x); a * a + b * b",
    "a = x * w; sin(a) * a + w",
    "(x - w) * (x + w)",
    "x / w + w / x",
    "a = x / w; exp(a) - a",
    "a = exp(-x * x); a * w",
    "a = x * w; b = a + x; c = b * a; c - b",
    "log(1 + exp(x * w)) * x",
)

ARRAYS = (
    "sum(x)",
    "sum(x * x)",
    "mean(x * w)",
    "sum(x) * x",
    "a = sum(x * w); a * a + x",
    "max(x) * x",
    "min(x * w)",
    "a = x - mean(x); sum(a * a)",
    "a = exp(x); a / sum(a) * w",
    "a = exp(x - max(x)); sum(a * w) / sum(a)",
    "log(sum(exp(x)))",
    "x - log(sum(exp(x)))",
    "maximum(x, w) * x",
    "minimum(x, w) + w",
)

MATRICES = (
    "a @ x",
    "x @ a",
    "x @ a @ x",
    "tanh(a @ x)",
    "sum(tanh(a @ x) * x)",
    "b = a @ a; sum(b * b)",
    "a.T @ x",
)

KINDS = (
    (UNARY, {"x": X}),
    (OF_POSITIVE, {"x": POSITIVE}),
    (SHARED, {"x": 0.7, "w": -1.3}),
    (ARRAYS, {"x": X, "w": POSITIVE}),
    (MATRICES, {"x": X, "a": SQUARE}),
)


def _given(text, values):
    """The values of those variables that a text does not compute itself."""
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)]
    made = {node.id for node in nodes if isinstance(node.ctx, ast.Store)}
    used = {node.id for node in nodes} - made
    return {name: value for name, value in values.items() if name in used}


EXPRESSIONS = tuple((text, _given(text, values)) for texts, values in KINDS for text in texts)
"""Texts and the values of their variables."""


def function_of(text, functions):
    """Return a function of the text's variables, computed by an engine's ``functions``."""
    *before, last = text.split("; ")
    body = ast.parse("\n".join([*before, f"result = {last}"]))

    def f(**values):
        scope = {**functions, **values}
        exec(compile(body, text, "exec"), scope)
        return scope["result"]

    return f


def arrays(values):
    return {name: np.array(value, np.float64) for name, value in values.items()}
