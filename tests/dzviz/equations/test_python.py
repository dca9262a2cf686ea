"""Derivations of Python's functions: loops with an index, Functions of the user's own."""

import re

import numpy as np
import pytest
from support.equations import evaluated, is_readable, matches

import dzviz
from dezero import Function, Variable
from dzviz.equations.indices import INDEX
from dzviz.equations.notation import Plain
from dzviz.equations.steps import steps_of
from dzviz.equations.writers import names_of
from dzviz.errors import UsageError
from dzviz.graph.terms import derivative, symbol


class Cube(Function):
    def forward(self, x):
        return x**3

    def backward(self, gy):
        (x,) = self.inputs
        return 3 * x**2 * gy


class Halves(Function):
    def forward(self, x):
        return 2 * x[:1], 3 * x[1:]

    def backward(self, ga, gb):
        return np.concatenate([2 * ga.data, 3 * gb.data])


def rnn(x, h, w, u):
    for _ in range(5):
        h = np.tanh(w * h + u * x)
    return h * h


def over_a_sequence(xs, w):
    h = xs[0]
    for i in range(1, 6):
        h = np.tanh(w * h + xs[i])
    return h


def descent(x):
    for _ in range(6):
        x = x - 0.1 * (2 * x - 4)
    return x


LOOPS = {
    rnn: (1.0, 0.5, 0.3, 0.2),
    over_a_sequence: ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 0.1),
    descent: (1.0,),
}


def texts(made):
    notation = Plain(names_of(made.derivation))
    return {
        " = ".join(notation.write(term) for term in line.left): notation.write(line.right)
        for line in made.derivation.lines
    }


def test_a_function_of_ones_own_is_told_by_its_name():
    made = dzviz.explain(lambda x: Cube()(x) * 2 + x, 2.0)
    assert made.text.splitlines()[-1].startswith("dy/dx = 1 + 2*Cube'(x)")
    assert made.text.endswith("= 1 + 24 = 25\n")
    assert "Cube}'" in made.tex
    assert not is_readable(made.derivation.lines[-1])
    assert "Halves'(x)^T (" in dzviz.explain(_halved, [1.0, 2.0, 3.0]).text


def _halved(x):
    a, b = Halves()(x)
    return a.sum() * b.sum()


def test_a_loop_is_told_once_with_an_index():
    found = texts(dzviz.explain(rnn, *LOOPS[rnn]))
    body = {re.sub(r"v\d+", "v", left): re.sub(r"v\d+", "v", found[left]) for left in found}
    assert body["v_t"] in ("w*v_{t-1} + u*x", "tanh(v_t)")
    assert body["dy/du"] == "sum(t=1..5, dy/dv_t * x)"
    assert body["dy/dw"] == "sum(t=2..5, dy/dv_t * v_{t-1}) + dy/dv_1 * h"
    parts = texts(dzviz.explain(over_a_sequence, *LOOPS[over_a_sequence]))
    assert "[t]" in parts["dy/dxs"]
    assert any(right.endswith(" + xs[t]") for right in parts.values())


def test_each_line_of_a_loop_holds_at_each_time():
    checked = 0
    for function, values in LOOPS.items():
        derivation = dzviz.explain(function, *values).derivation
        loops, notation = derivation.loops, Plain(names_of(derivation))
        steps = steps_of(derivation.graph)
        known = [symbol(id, node.data) for id, node in steps.nodes.items()]
        known += [derivative(*wanted, value) for wanted, value in steps.values.items()]
        values_of = {notation.write(term): np.asarray(term.value) for term in known}
        values_of |= {_written(term, loops, notation): np.asarray(term.value) for term in known}
        for line in derivation.lines:
            first, last = line.span or (0, 0)
            text = notation.write(line.right)
            left = notation.write(line.left[-1])
            for time in range(first, last + 1):
                here = _at(text, time) if line.span else _unrolled(text)
                name = _at(left, time) if line.span else left
                if name in values_of:
                    value = values_of[name]
                    assert matches(value, evaluated(here, values_of)), (name, here)
                    checked += 1
    assert checked > 40


def _written(term, loops, notation):
    """Write a leaf as it is called at its own time."""
    id = term.name.rpartition(":")[2]
    if id not in loops.places:
        return notation.write(term)
    body, time = loops.places[id]
    named = type(term)(term.label, (), term.value, term.name.replace(id, f"{body}{INDEX}{time}"))
    return notation.write(named)


def _at(text, time):
    """Put a time in the place of the index."""

    def number(found):
        return f"_{time + int(found[1] or 0)}"

    text = re.sub(r"_\{t([+-]\d+)\}", number, text).replace("_t", f"_{time}")
    return re.sub(r"\[t([+-]\d+)?\]", lambda m: f"[{time + int(m[1] or 0)}]", text)


def _unrolled(text):
    """Write a sum over times as a sum."""
    found = re.search(r"sum\(t=(\d+)\.\.(\d+), ", text)
    if found is None:
        return text
    depth, end = 1, found.end()
    while depth:
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        end += 1
    part = text[found.end() : end - 1]
    parts = " + ".join(f"({_at(part, t)})" for t in range(int(found[1]), int(found[2]) + 1))
    return _unrolled(f"{text[: found.start()]}({parts}){text[end:]}")


def test_variables_are_derived_without_touching_them():
    x = Variable(np.array(2.0), "x")
    y = np.sin(x) * x
    y.backward()
    before = x.grad
    made = dzviz.explain(y)
    assert made.text.splitlines()[-1].startswith("dy/dx = sin(x) + x*cos(x)")
    assert repr(made) == made.text.rstrip("\n")
    assert x.grad is before
    assert dzviz.explain(dzviz.record(lambda x: x * x, 3.0)).text.endswith("= 6\n")


def test_what_cannot_be_derived_is_refused():
    x = Variable(np.array(2.0), "x")
    y = x * x
    y.backward()
    for wrong, words in (
        (lambda: dzviz.explain(x * x, 1.0), "values are for a function"),
        (lambda: dzviz.explain(x * x, order=2), "order is for a function"),
        (lambda: dzviz.explain(x * x, detail="all"), "detail is one of"),
        (lambda: dzviz.explain(x * x).write("pdf"), "form is one of"),
        (lambda: dzviz.explain(x * x, wrt=["z"]), "no variable 'z'"),
        (lambda: dzviz.explain(dzviz.draw(y).graph), "no rules to read"),
    ):
        with pytest.raises(UsageError, match=words):
            wrong()


def test_a_constant_without_a_name_is_told_first():
    matrix = np.arange(12.0).reshape(3, 4)
    made = dzviz.explain(lambda x: np.sum(np.tanh(x @ matrix)), [1.0, 2.0, 3.0])
    first, second, third = made.text.splitlines()
    assert re.fullmatch(r"v1 +=? ?= \(3, 4\) 0 \.\. 11, mean 5\.5", first)
    assert second.startswith("y  = sum(tanh(x @ v1))")
    assert third.startswith("dy/dx = v1 @ (1 - tanh(x @ v1)**2)")
