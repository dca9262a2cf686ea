"""Derivations as textbooks have them, word by word."""

import random
import re

import numpy as np
import pytest
from fuzzing.agreement import agreement_case
from support.equations import derived, lines_of, matches

from dzviz.equations import algebra
from dzviz.equations.writers import write_text
from dzviz.errors import UsageError
from dzviz.options import Look

X, W = [[1, 2], [3, 4]], [[1, 2, 0], [2, 1, 1]]
TWO = [[0.5, 0.25], [-0.5, 1]]

TEXTBOOK = {
    "linear regression": (
        "r = X @ w - t; L = sum(r**2)/2",
        {"X": [[1, 2], [3, 4], [0, 1]], "w": [0.1, -0.2], "t": [1, 0, 1]},
        ["dL/dr = r", "dL/dw = X^T (dL/dr)", "dL/dX = outer(dL/dr, w)"],
    ),
    "logistic regression": (
        "z = x @ w + b; p = sigmoid(z); L = -mean(t*log(p) + (1 - t)*log(1 - p))",
        {"x": [[1, 2], [3, 4], [0, 1]], "w": [0.1, -0.2], "b": 0.3, "t": [1, 0, 1]},
        [
            "dL/dp = -t/(3*p) + (1 - t)/(3*(1 - p))",
            "dL/dz = dL/dp * p*(1 - p)",
            "dL/dw = x^T (dL/dz)",
            "dL/db = sum(dL/dz)",
        ],
    ),
    "softmax cross-entropy": (
        "z = x @ W + b; L = softmax_cross_entropy(z, t)",
        {"x": X, "W": W, "b": [1, 2, 3], "t": [2, 0]},
        [
            "dL/dz = (softmax(z) - one_hot(t, 3))/2",
            "dL/db = sum(dL/dz, axis=0)",
            "dL/dx = (dL/dz) W^T",
            "dL/dW = x^T (dL/dz)",
        ],
    ),
    "a layer with relu": (
        "z = x @ W + b; h = relu(z); y = h @ V; L = mean((y - t)**2)",
        {"x": X, "W": W, "b": [1, 2, 3], "V": [[1], [2], [3]], "t": [[1], [0]]},
        [
            "dL/dy = y - t",
            "dL/dh = (dL/dy) V^T",
            "dL/dV = h^T (dL/dy)",
            "dL/dz = dL/dh * [z > 0]",
        ],
    ),
    "layer normalization": (
        "sum(c*layer_norm(x, g, b))",
        {"x": [[1, 2, 4], [3, 4, 9]], "g": [1, 2, 3], "b": [0, 0, 1], "c": [[1, 2, 3], [3, 2, 1]]},
        [
            "u1 = sqrt(mean((x - mean(x, axis=1, keepdims=True))**2, axis=1, keepdims=True)"
            " + 1e-5)",
            "u2 = (x - mean(x, axis=1, keepdims=True))/u1",
            "dy/dx = (c*g - mean(c*g, axis=1, keepdims=True)"
            " - u2*mean(c*g*u2, axis=1, keepdims=True))/u1",
            "dy/dg = sum(c*u2, axis=0)",
            "dy/db = sum(c, axis=0)",
        ],
    ),
    "the cell of an LSTM": (
        "z = x @ W + h @ U; i = sigmoid(z); f = sigmoid(x @ F + h @ G); g = tanh(x @ R);"
        " m = f*c + i*g; L = sum(m)",
        dict.fromkeys("xWhUFGRc", TWO),
        [
            "dL/di = dL/dm * g",
            "dL/dg = dL/dm * i",
            "dL/df = dL/dm * c",
            "dL/dc = dL/dm * f",
            "dL/dz = dL/di * i*(1 - i)",
            "dL/dU = h^T (dL/dz)",
        ],
    ),
    "attention": (
        "S = Q @ K.T / sqrt(2); A = softmax(S); O = A @ V; L = sum(C*O)",
        {"Q": X, "K": TWO, "V": X, "C": TWO},
        [
            "S = (Q @ K^T)/sqrt(2)",
            "dL/dO = C",
            "dL/dA = (dL/dO) V^T",
            "dL/dV = A^T (dL/dO)",
            "dL/dS = dL/dA * A - A*sum(dL/dA * A, axis=1, keepdims=True)",
            "dL/dQ = (dL/dS / sqrt(2)) K",
            "dL/dK = (dL/dS / sqrt(2))^T Q",
        ],
    ),
    "a Gaussian": (
        "z = (x - mu)/s; L = log(s) + z**2/2",
        {"x": 1, "mu": 0.5, "s": 2},
        ["dL/dz = z", "dL/dx = dL/dz / s", "dL/dmu = -dL/dz / s", "dL/ds = -dL/dz * z/s + 1/s"],
    ),
    "the divergence of Kullback and Leibler": (
        "sum(p*log(p/q))",
        {"p": [0.5, 0.5], "q": [0.2, 0.8]},
        ["dy/dp = log(p/q) + 1", "dy/dq = -p/q"],
    ),
    "the logarithm of a determinant": (
        "log(det(A))",
        {"A": [[2, 1], [1, 3]]},
        ["dy/dA = inv(A)^T"],
    ),
    "a quadratic form": (
        "x @ A @ x",
        {"x": [1, 2], "A": [[2, 1], [1, 3]]},
        ["dy/dx = x @ A + A @ x", "dy/dA = outer(x, x)"],
    ),
    "Rosenbrock's function": (
        "z = (1 - x)**2 + 100*(y - x**2)**2",
        {"x": 1, "y": 2},
        ["dz/dy = 200*(y - x**2)", "dz/dx = -2*(1 - x) - 400*(y - x**2)*x"],
    ),
    "the quotient": ("u/v", {"u": 1, "v": 2}, ["dy/du = 1/v", "dy/dv = -y/v"]),
}


def equations(derivation, detail="rules"):
    """Return the lines of a derivation without columns and shapes."""
    lines = "".join(write_text(derivation, Look(), detail)).splitlines()
    return [re.sub(r" {2,}\(.*\)$", "", re.sub(r" +=", " =", line)).strip() for line in lines]


def test_twelve_derivations_are_those_of_textbooks():
    assert len(TEXTBOOK) >= 12
    for name, (text, values, expected) in TEXTBOOK.items():
        found = equations(derived(text, **values))
        assert [line for line in expected if line not in found] == [], (name, found)


def test_the_example():
    assert "".join(write_text(derived("a = x**2; a*sin(a)", x=3), Look(), "steps")) == (
        "a  = x**2                      = 9\n"
        "y  = a*sin(a)                  = 3.709\n"
        "dy/da = sin(a) + a*cos(a)      = 0.4121 - 8.200 = -7.788\n"
        "dy/dx = dy/da * 2*x            = -7.788 * 6     = -46.73\n"
    )


def test_each_order_is_derived_from_the_one_before():
    assert equations(derived("tanh(x)", order=3, x=1)) == [
        "y = tanh(x)",
        "y' = dy/dx = 1 - y**2",
        "dy'/dy = -2*y",
        "y'' = dy'/dx = dy'/dy * y'",
        "dy''/dy = -2*y' + 4*y**2",
        "dy''/dx = dy''/dy * y'",
    ]
    t = np.tanh(1.0)
    third = derived("tanh(x)", order=3, x=1).lines[-1].value
    assert np.isclose(third, (1 - t * t) * (6 * t * t - 2))


def test_a_result_is_one_equation():
    derivation = derived("a = x**2; a*sin(a)", x=3)
    assert equations(derivation, "result") == ["dy/dx = 2*(sin(a) + a*cos(a))*x = -46.73"]


def test_only_what_is_asked_for_is_derived():
    found = equations(derived("h = tanh(x @ W); sum(h*v)", ["v"], x=[[1.0]], W=[[2.0]], v=[3.0]))
    assert found == ["h = tanh(x @ W)", "y = sum(h*v)", "dy/dv = sum(h, axis=0)"]
    with pytest.raises(UsageError, match="no variable 'z'"):
        derived("x*y", ["z"], x=1, y=2)


def test_several_outputs_are_one_sum():
    found = equations(derived("a = 2*x; b = x + a; a*b, b", x=1))
    assert "d(y0 + b)/db = 1 + a" in found
    assert equations(derived("sin(x)", x=[1, 2]))[-1] == "d sum(y)/dx = cos(x)"


def test_a_name_that_is_given_twice_is_told_apart():
    found = equations(derived("a = 2*x; a = sin(a); a", x=1))
    assert found == ["a = 2*x", "a_2 = sin(a)", "da_2/da = cos(a)", "da_2/dx = da_2/da * 2"]


def test_where_nothing_flows_nothing_is_derived():
    for text in ("1 + 2", "where(x > 0, 1, 2)"):
        with pytest.raises(UsageError, match="nothing to derive"):
            derived(text, x=1.0) if "x" in text else derived(text)


def wrong_lines(seeds):
    """Return the lines of random expressions that come to something else than they say."""
    wrong, count, unread = [], 0, 0
    for seed in seeds:
        case = agreement_case(random.Random(seed))
        with np.errstate(all="ignore"):
            try:
                derivation = derived(case["text"], **case["at"])
            except UsageError:  # nothing flows back
                continue
            for text, value, found in lines_of(derivation):
                count += 1
                if found is None:
                    unread += 1
                elif not matches(value, found):
                    wrong.append((seed, text, value, found))
    return wrong, count, unread


def test_each_line_comes_to_what_it_says():
    wrong, count, unread = wrong_lines(range(15))
    assert wrong == []
    assert count > 60
    assert unread < count / 10


@pytest.mark.thorough
def test_each_line_of_200_expressions_comes_to_what_it_says():
    wrong, count, unread = wrong_lines(range(1000, 1215))
    assert wrong == []
    assert count > 900
    assert unread < count / 20


def test_a_wrong_rewriting_is_found(monkeypatch):
    rules = {**algebra._RULES, "+": lambda term: term.operands[0]}
    monkeypatch.setattr(algebra, "_RULES", rules)
    assert wrong_lines(range(15))[0]
