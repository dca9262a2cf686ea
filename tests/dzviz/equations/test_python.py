"""Derivations of Python's functions: loops with an index, Functions of the user's own."""

import re

import numpy as np
import pytest
from support.equations import derived, evaluated, is_readable, lines_of, matches

import dzviz
from dezero import Function, Variable
from dzviz.equations.algebra import mapped
from dzviz.equations.derivation import derivation_of
from dzviz.equations.indices import INDEX
from dzviz.equations.notation import Names, Plain
from dzviz.equations.steps import steps_of
from dzviz.equations.writers import FORMS, names_of
from dzviz.errors import UsageError
from dzviz.graph.terms import Term, derivative, symbol
from dzviz.options import Look


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
    return texts_of(made.derivation)


def texts_of(derivation):
    notation = Plain(names_of(derivation))
    return {
        " = ".join(notation.write(term) for term in line.left): notation.write(line.right)
        for line in derivation.lines
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


def grow(x, rate):
    for _ in range(1200):
        x = x + rate * x
    return x


def series(x):
    y = x
    for i in range(1200):  # no two terms that are near each other are alike
        y = y + x ** (i % 7 + 2) * (i + 1 + (i * i % 11) / 2)
    return y


def test_a_sum_over_a_long_loop_is_written_once():
    found = texts(dzviz.explain(grow, 1.0, 1e-4))
    whole = re.sub(r"v\d+", "v", found["dy/drate"])
    assert whole == "v_1199 + sum(t=2..1199, dy/dv_t * v_{t-1}) + dy/dv_1 * x"


def test_a_sum_may_be_deep():
    derivation = dzviz.explain(series, 0.5).derivation
    for form, detail in (("text", "steps"), ("html", "rules"), ("tex", "result")):
        written = "".join(FORMS[form].write(derivation, Look(), detail))
        assert len(written) > 10_000, (form, detail)


def test_terms_that_are_deep_and_alike_have_the_same_key():
    def deep(last):
        term = symbol("x")
        for i in range(5000):
            term = Term("+", (term, symbol(f"a{i}" if i else last)))
        return term

    assert deep("z").key == deep("z").key != deep("w").key
    assert mapped(deep("z"), lambda leaf: leaf).key == deep("z").key
    text = Plain(Names({}, {}, set(), {})).write(deep("z"))
    assert text.startswith("x + z + a1 + ")
    assert text.endswith(" + a4999")


LAYERS = {"x": 0.5, "w1": 1, "w2": 2, "w3": 3, "w4": 4}


@pytest.mark.parametrize(
    "text",
    [
        "h1 = tanh(w1*x); h2 = tanh(w2*h1); h3 = tanh(w3*h2); h4 = tanh(w4*h3); L = h4**2",
        "L = tanh(w4*tanh(w3*tanh(w2*tanh(w1*x))))**2",
        "h1 = sin(x); h2 = sin(h1); h3 = sin(h2); h4 = sin(h3); h5 = sin(h4); L = h5**2",
    ],
)
def test_names_of_the_user_are_kept(text):
    names = {name for name in re.findall(r"[a-zA-Z]\w*", text) if name not in ("tanh", "sin")}
    values = {name: value for name, value in LAYERS.items() if name in names}
    found = texts_of(derived(text, **values))
    lefts = {name for left in found for name in left.split(" = ")}
    assert not any("_" in left or "_" in right for left, right in found.items())
    assert names <= lefts | {left.partition("/d")[2] for left in lefts}


def test_large_constants_are_numbers():
    assert "1.23456789e200*x" in repr(dzviz.explain(lambda x: x * 1.23456789e200, 1.0))


def uneven(count):
    """Make a function that uses its variable hundreds of times, and repeats nothing."""
    ops = np.random.default_rng(1).choice([np.sin, np.cos, np.tanh, np.multiply, np.add], count)

    def function(x):
        y = x
        for i, op in enumerate(ops):
            if op is np.multiply:
                y = y * x
            elif op is np.add:
                y = y + i / count
            else:
                y = op(y)
        return y

    return function


def test_the_time_for_a_long_chain_grows_with_its_length(monkeypatch):
    """Of a chain of four times as many ops, four times as many terms are made."""
    made = []
    make = Term.__init__

    def counting(term, *args, **kwargs):
        made.append(1)
        make(term, *args, **kwargs)

    monkeypatch.setattr(Term, "__init__", counting)
    counts = []
    for count in (200, 800):
        graph = dzviz.record(uneven(count), 0.5)
        made.clear()
        derivation_of(graph)
        counts.append(len(made))
    assert counts[1] < 5 * counts[0], counts


def test_each_line_of_a_long_chain_holds():
    derivation = derivation_of(dzviz.record(uneven(300), 0.5))
    lines = list(lines_of(derivation))
    assert len(lines) > 300
    for text, value, found in lines:
        assert found is not None, text
        assert matches(value, found), text
    assert max(line.right.size for line in derivation.lines[:-1]) < 20
