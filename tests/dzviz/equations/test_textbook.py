"""Derivations as textbooks have them, word by word."""

import random
import re

import numpy as np
import pytest
from fuzzing.agreement import agreement_case
from support.derivations import TEXTBOOK
from support.equations import derived, lines_of, matches

from dezero import OPS
from dzviz.equations import algebra
from dzviz.equations.writers import write_text
from dzviz.errors import UsageError
from dzviz.language.parse import parse
from dzviz.options import Look


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


def wrong_lines(seeds, order=1):
    """Return the lines of random expressions that come to something else than they say."""
    wrong, count, unread = [], 0, 0
    for seed in seeds:
        case = agreement_case(random.Random(seed))
        with np.errstate(all="ignore"):
            try:
                wrt = next(iter(case["at"])) if order > 1 else None
                derivation = derived(case["text"], order=order, wrt=wrt, **case["at"])
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
    assert wrong_lines(range(3000, 3050), order=2)[0] == []
    assert count > 900
    assert unread < count / 20


def lines_of_ops(*, all_shapes):
    """Return the lines of all ops' examples, on numbers of their domains."""
    generator = np.random.default_rng(1)
    for op in OPS.values():
        for text, shapes in op.examples.items():
            for each in shapes if all_shapes else shapes[:1]:
                names = parse(text).names
                pairs = zip(names, each, strict=True)
                values = {name: generator.uniform(*op.sample, shape) for name, shape in pairs}
                if all(value.size for value in values.values()):
                    yield text, derived(text, **values)


BY_NAME = {"prod", "conv1d", "conv2d", "max_pool2d", "avg_pool2d"}
"""Ops whose rules nobody would read."""


def check_ops(*, all_shapes):
    texts, unread = 0, set()
    for text, derivation in lines_of_ops(all_shapes=all_shapes):
        for line, value, found in lines_of(derivation):
            texts += 1
            if found is None:
                unread |= {word for word in BY_NAME if f"{word}'" in line}
                assert any(f"{word}'" in line for word in BY_NAME), line
            else:
                assert matches(value, found), (text, line)
    assert unread == BY_NAME
    return texts


def test_labels_and_rules_of_all_ops_can_be_computed_as_they_are_written():
    assert check_ops(all_shapes=False) > 400


@pytest.mark.thorough
def test_so_they_can_for_all_shapes():
    assert check_ops(all_shapes=True) > 1000


def test_a_wrong_rewriting_is_found(monkeypatch):
    rules = {**algebra._RULES, "+": lambda term: term.operands[0]}
    monkeypatch.setattr(algebra, "_RULES", rules)
    assert wrong_lines(range(15))[0]
