"""Equations read again: each line of a derivation is computed from its text, with all digits."""

import ast
import re

import numpy as np

from dzviz.engine import OPS, Variable
from dzviz.equations.derivation import derivation_of
from dzviz.equations.notation import Plain
from dzviz.equations.writers import names_of
from dzviz.graph.terms import DERIVATIVE, PRIME, PULLED
from dzviz.pipeline import Computation, take
from dzviz.sources.expression import read


def derived(text, names=(), order=1, wrt=None, **values):
    """Derive an expression at these values."""
    subject = read(text, functions=lambda: OPS)
    written = {name: str(np.asarray(value).tolist()) for name, value in values.items()}
    computation = Computation(subject=subject, values=written, order=order - 1, wrt=wrt)
    return derivation_of(take(computation, events=True).graph, names)


def lines_of(derivation):
    """Return of each line its text, what it says it is, and what its text comes to."""
    notation = Plain(names_of(derivation))
    known = {}
    for line in derivation.lines:
        for term in (*line.left, *line.right.parts()):
            if term.operands == () and (term.name or term.label == DERIVATIVE):
                known[notation.write(term)] = np.asarray(term.value)
    for line in derivation.lines:
        known.update((notation.write(term), np.asarray(line.value)) for term in line.left)
    for line in derivation.lines:
        text = notation.write(line.right)
        found = evaluated(text, known) if is_readable(line) else None
        left = " = ".join(notation.write(term) for term in line.left)
        yield f"{left} = {text}", np.asarray(line.value), found


def is_readable(line):
    """Whether a line's formula has no rule that is known by name alone."""
    words = [part.label.partition(" ")[0] for part in line.right.parts()]
    return not any(word == PULLED or word.endswith(PRIME) for word in words)


def evaluated(text, known):
    """Compute a formula as it is written, of the values of its names."""
    values = {}
    names = sorted(known, key=len, reverse=True)
    pattern = "|".join(map(re.escape, names))

    def name(found):
        key = f"V{len(values)}_"
        values[key] = known[found[0]]
        return key

    text = re.sub(r", (\[[^()]*?\]), (\([\d, ]*\))\)", r", KEY\1, \2)", text)
    code = re.sub(rf"(?<![\w'])(?:{pattern})(?![\w'(])", name, text)
    code = re.sub(rf"\[((?:{INSIDE})*?(?:[<>]|[=!]=)(?:{INSIDE})*)\]", _indicator, code)
    code = re.sub(r"(?<=[\w)\]]) (?=[\w(])(?!and |or )", " @ ", code.replace("^T", ".T"))
    tree = ast.fix_missing_locations(_Arrays().visit(ast.parse(code, mode="eval")))
    return np.asarray(eval(compile(tree, text, "eval"), {**FUNCTIONS, **values}))


class _Arrays(ast.NodeTransformer):
    """Makes arrays of lists of numbers."""

    def visit_List(self, node):
        if any(isinstance(part, ast.Name) for part in ast.walk(node) if part is not node.ctx):
            return self.generic_visit(node)
        return ast.Call(ast.Name("array", ast.Load()), [node], [])


INSIDE = r"[^\[\]]|\[[^\[\]]*\]"


def _indicator(found):
    inside = found[1]
    for word, sign in ((" and ", "&"), (" or ", "|")):
        inside = sign.join(f"({part})" for part in inside.split(word))
    return f"(1.0*({inside}))"


def _function(op):
    def function(*operands, **settings):
        with np.errstate(all="ignore"):
            made = op.function(*operands, **settings)
        return np.asarray(made.data) if isinstance(made, Variable) else made

    return function


def _into(gradient, key, shape):
    made = np.zeros(shape)
    np.add.at(made, key, gradient)
    return made


class _Key:
    """What stands in brackets behind an array, as a key."""

    def __getitem__(self, key):
        return key


FUNCTIONS = {
    **{name: _function(op) for name, op in OPS.items()},
    "into": _into,
    "KEY": _Key(),
    "array": np.array,
    "ones": lambda *shape: np.ones(shape),
    "zeros": lambda *shape: np.zeros(shape),
    "one_hot": lambda t, n: np.eye(n)[np.asarray(t, int)],
    "pi": np.pi,
    "inf": np.inf,
}


def matches(value, found):
    """Tell whether a line comes to what it says, but for rounding."""
    if found.shape != value.shape and found.size != 1:
        return False
    size = np.nanmax(np.abs(value), initial=0) if np.any(np.isfinite(value)) else 0
    return np.allclose(found, value, rtol=1e-8, atol=1e-10 * (1 + size), equal_nan=True)
