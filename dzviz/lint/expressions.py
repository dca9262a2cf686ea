"""Remarks about an expression: unstable forms and unused names, each correction checked.

A corrected text stands in a remark only if it gave the same values at several points.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from dzviz.engine import Variable
from dzviz.errors import DzvizError
from dzviz.language.evaluate import apply, check
from dzviz.language.parse import parse
from dzviz.language.syntax import Program
from dzviz.lint.forms import forms
from dzviz.lint.remarks import RULES, Remark

if TYPE_CHECKING:
    from numpy.typing import NDArray

Values = Mapping[str, "NDArray[Any]"]

SHAPES: tuple[tuple[int, ...], ...] = ((), (3,), (3, 3))
"""The shapes of all variables that are tried where no values are given."""

RTOL = 1e-9

MOST_FIXES = 50

HINTS = {"softmax": "softmax(x) is the same where the sum goes over what softmax takes as a row"}
"""What is said where no correction gives the same value."""


def remarks(program: Program, values: Values | None) -> Iterator[Remark]:
    """Make the remarks about an expression; without ``values`` others are tried.

    Raises:
        ExpressionError: It calls an unknown function, or wrongly.
    """
    check(program)
    yield from sorted(_remarks(program, values), key=lambda remark: remark.span or (0, 0))


def _remarks(program: Program, values: Values | None) -> Iterator[Remark]:
    for form in forms(program):
        start, end = program.span(form.node)
        whole = any(form.node is statement.value for statement in program.statements)
        better = _bare(form.better) if whole else form.better
        corrected = f"{program.text[:start]}{better}{program.text[end:]}"
        same = is_same(program, corrected, values)
        yield Remark(
            form.rule,
            f"{_short(program.source(form.node))}: {RULES[form.rule]}",
            (start, end),
            corrected if same else None,
            f"write {_bare(better)}" if same else HINTS.get(form.rule),
        )
    for mention in program.unused:
        left = _without(program, mention.span)
        same = left is not None and is_same(program, left, values)
        yield Remark(
            "unused",
            f"{mention.name} is assigned and never used",
            mention.span,
            left if same else None,
            "leave it out" if same else None,
        )


def fixed(program: Program, values: Values | None) -> tuple[str, list[Remark]]:
    """Return the text with everything corrected that can be, and what was remarked on the way."""
    done: list[Remark] = []
    for _ in range(MOST_FIXES):
        mendable = next((r for r in remarks(program, values) if r.corrected is not None), None)
        if mendable is None:
            break
        done.append(mendable)
        program = parse(str(mendable.corrected))
    return program.text, done


def is_same(program: Program, corrected: str, values: Values | None) -> bool:
    """Whether a corrected text gives the same values, and no more values that are not finite."""
    try:
        other = parse(corrected)
    except DzvizError:
        return False
    if not values:
        return bool(_agree(program, other, _points(program)))
    shapes = {name: np.shape(value) for name, value in values.items()}
    agree = _agree(program, other, [values])
    if agree == 0:  # none of its values is finite, as where it overflows
        agree = _agree(program, other, _points(program, shapes))
    return bool(agree)


def _agree(program: Program, other: Program, points: Iterable[Values]) -> int | None:
    """Count the finite values of a program that another one has, too; None if one differs."""
    tried = 0
    for point in points:
        before, after = _computed(program, point), _computed(other, point)
        if before is None:
            continue
        if after is None or len(before) != len(after):
            return None
        for a, b in zip(before, after, strict=True):
            good = np.isfinite(a)
            if a.shape != b.shape or not np.allclose(a[good], b[good], rtol=RTOL, atol=1e-12):
                return None
            tried += int(good.sum())
    return tried


def _points(
    program: Program, given: Mapping[str, tuple[int, ...]] | None = None
) -> Iterator[Values]:
    """Return values for all variables, of the ``given`` shapes or of several ones."""
    generator = np.random.default_rng(0)
    every = (dict.fromkeys(program.names, shape) for shape in SHAPES)
    for shapes in (given,) if given else every:
        for _ in range(2):
            yield {
                name: np.asarray(generator.uniform(0.2, 2.0, shape))
                for name, shape in shapes.items()
            }


def _computed(program: Program, values: Values) -> list[NDArray[Any]] | None:
    inputs = {name: Variable(np.array(values[name])) for name in values}
    if any(name not in inputs for name in program.names):
        return None
    try:
        with np.errstate(all="ignore"):
            return [np.asarray(y.data, float) for y in apply(program, inputs)]
    except (DzvizError, ValueError, TypeError, ArithmeticError, LookupError):
        return None


def _without(program: Program, span: tuple[int, int]) -> str | None:
    """Leave out the statement that assigns the name at these characters."""
    statements = program.statements
    for i, statement in enumerate(statements[:-1]):
        if statement.target_span == span:
            following = statements[i + 1]
            end = (following.target_span or program.span(following.value))[0]
            after = program.span(statement.value)[1]
            between = program.text[after:end]
            if "#" in between and not between.partition("\n")[0].strip(" ;"):
                end = after + between.index("\n") + 1
            elif between.strip(" ;\n\t"):
                return None
            return program.text[: span[0]] + program.text[end:]
    return None


def _bare(text: str) -> str:
    """Leave out parentheses around all of a text."""
    if not (text.startswith("(") and text.endswith(")")):
        return text
    depth = 0
    for i, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0 and i < len(text) - 1:
            return text
    return text[1:-1]


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 60 else f"{words[:57]}..."
