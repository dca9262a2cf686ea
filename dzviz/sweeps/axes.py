"""The axes of a sweep, from what the user writes: ``x=-3:3:61``, ``W[0,1]=1e-3:10:41:log``.

It computes no graph.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import floor, log10, prod
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from dzviz.errors import DzvizError, UsageError, did_you_mean
from dzviz.files import FilePath, keyed
from dzviz.graph.sweep import Axis
from dzviz.pipeline import Values, read_value
from dzviz.text.phrases import clean, grouped, plural

if TYPE_CHECKING:
    from dzviz.sources import Subject

MOST = 1000
"""A sweep has at most this many points, those of a grid together."""

DIGITS = 12
"""Values of a sweep are rounded to so many digits of its span, so that 0.1 is 0.1."""

FORM = "NAME=START:STOP:COUNT[:log] or NAME=@FILE"
EXAMPLES = "as in --sweep x=-3:3:61, x=1e-3:10:41:log, x=@values.csv, W[0,1]=-1:1:21"


def read_axes(
    texts: Sequence[str],
    subject: Subject,
    values: Values,
    numbers: Mapping[str, Sequence[float]] = MappingProxyType({}),
) -> tuple[Axis, ...]:
    """Read what is swept; ``values`` are those that the variables are given besides.

    Of other axes the ``numbers`` are there already, by what stands before the ``=``.

    Raises:
        UsageError: It is not of the `FORM`, or no variable is meant, or too much is asked for.
    """
    if not 1 <= len(texts) + len(numbers) <= 2:
        raise UsageError("--sweep: sweep one variable, or two for a grid")
    axes = tuple(_axis(text, subject, values) for text in texts)
    axes += tuple(_given(name, some, subject, values) for name, some in numbers.items())
    if len({(axis.name, axis.place) for axis in axes}) < len(axes):
        raise UsageError(f"--sweep: {axes[0].label} is swept twice")
    if len({axis.name for axis in axes}) < len(axes) and not all(axis.place for axis in axes):
        raise UsageError(f"--sweep: {axes[0].name} is swept both as a whole and in one element")
    if (count := prod(len(axis.values) for axis in axes)) > MOST:
        raise UsageError(
            f"--sweep: {grouped(count)} points are too many", hint=f"at most {MOST} in all"
        )
    return axes


def reads(texts: Sequence[str]) -> list[FilePath]:
    """Return the files that are read for these axes."""
    sides = [text.partition("=")[2].strip() for text in texts]
    return [keyed(side[1:]) for side in sides if side.startswith("@")]


def _axis(text: str, subject: Subject, values: Values) -> Axis:
    left, _, right = text.partition("=")
    name, place = _element(text, left, subject, values)
    return Axis(name, place, *_values(name, text, right.strip()))


def _given(left: str, numbers: Sequence[float], subject: Subject, values: Values) -> Axis:
    name, place = _element(left, left, subject, values)
    some = np.asarray(numbers, float)
    if some.ndim != 1:
        raise UsageError(f"--sweep: the values of {name} are a list of numbers")
    return Axis(name, place, checked(name, tuple(some[: MOST + 1].tolist()), "give these values"))


def _element(text: str, left: str, subject: Subject, values: Values) -> tuple[str, tuple[int, ...]]:
    """Read what is swept: a variable, or an element of it."""
    found = re.fullmatch(r"\s*([^\W\d]\w*)\s*(?:\[([\d\s,]*)\])?\s*", left)
    if found is None:
        raise UsageError(f"--sweep takes {FORM}, not '{clean(text, 60)}'", hint=EXAMPLES)
    name, inside = unicodedata.normalize("NFKC", found[1]), found[2]
    known = (*subject.names, *subject.optional)
    if name not in known:
        there = did_you_mean(name, known) or f"you can sweep: {', '.join(known) or 'nothing'}"
        raise UsageError(f"--sweep: there is no variable '{name}'", hint=there)
    if inside is None and name in values:
        raise UsageError(
            f"{name} has both a value and a sweep",
            hint=f"leave out its value, or sweep an element of it: {name}[0]=-1:1:21",
        )
    return name, _place(name, inside, values)


def _place(name: str, inside: str | None, values: Values) -> tuple[int, ...]:
    """Return the place of an element."""
    if inside is None:
        return ()
    words = inside.replace(" ", "").removesuffix(",").split(",")
    if not all(word.isdecimal() and len(word) < 10 for word in words):
        raise UsageError(
            f"--sweep: {name}[{clean(inside, 40)}] is not an element", hint=f"as in {name}[0]"
        )
    if name not in values:
        raise UsageError(
            f"--sweep: to sweep an element of {name}, {name} needs a value", hint=EXAMPLES
        )
    return tuple(map(int, words))


def check_place(axis: Axis, value: Any) -> None:
    """See that a variable has the element that is swept.

    Raises:
        UsageError: It has not.
    """
    shape = np.shape(value)
    inside = len(axis.place) == len(shape) and all(
        i < length for i, length in zip(axis.place, shape, strict=True)
    )
    if axis.place and not inside:
        raise UsageError(
            f"--sweep: there is no {axis.label}: {axis.name} has shape {shape}",
            hint="indices begin with 0, and there is one for each dimension",
        )


def _values(name: str, text: str, right: str) -> tuple[tuple[float, ...], bool]:
    """Return the values, and whether they are on a logarithmic axis."""
    if right.startswith("@"):
        return _listed(name, keyed(right[1:])), False
    parts = [part.strip() for part in right.split(":")]
    log = len(parts) == 4 and parts[3] == "log"
    if len(parts) != 3 and not log:
        raise UsageError(f"--sweep takes {FORM}, not '{clean(text, 60)}'", hint=EXAMPLES)
    start, stop = (_number(name, part) for part in parts[:2])
    if not (parts[2].isdecimal() and len(parts[2]) < 7 and int(parts[2]) > 1):
        raise UsageError(
            f"--sweep: {name} needs 2 values or more, not '{clean(parts[2], 40)}'",
            hint=EXAMPLES,
        )
    count = int(parts[2])
    if count > MOST:
        raise UsageError(f"--sweep: {grouped(count)} points are too many", hint=f"at most {MOST}")
    if start == stop:
        raise UsageError(f"--sweep: {name} begins and ends with {start:g}", hint=EXAMPLES)
    if log and not start * stop > 0:
        raise UsageError(
            f"--sweep: a logarithmic axis has no 0, and {name} goes from {start:g} to {stop:g}",
            hint=f"leave out log: {name}={parts[0]}:{parts[1]}:{parts[2]}",
        )
    with np.errstate(all="ignore"):
        values = spaced(start, stop, count, log=log)
    return checked(name, values, f"'{clean(text, 60)}'"), log


def spaced(start: float, stop: float, count: int, *, log: bool = False) -> tuple[float, ...]:
    """Return so many values from ``start`` to ``stop``; on a ``log`` axis with the same ratios."""
    if log:
        inner = [float(f"{v:.{DIGITS}g}") for v in np.geomspace(start, stop, count).tolist()]
    else:
        digits = DIGITS - 1 - floor(log10(max(abs(start), abs(stop))))
        inner = [round(v, digits) + 0.0 for v in np.linspace(start, stop, count).tolist()]
    made = (start, *inner[1:-1], stop)
    if len(set(made)) < count:  # a narrow range far from 0
        made = tuple(np.linspace(start, stop, count).tolist())
    return made


def _number(name: str, text: str) -> float:
    try:
        value = read_value(name, text, 0)
    except DzvizError as error:
        message = str(error).removeprefix(f"the value of {name}: ")
        raise UsageError(
            f"--sweep: the range of {name}: {message}", place=error.place, hint=error.hint
        ) from None
    if value.ndim or not np.isfinite(value):
        raise UsageError(
            f"--sweep: the ends of {name} are numbers, not '{clean(text, 40)}'",
            hint=EXAMPLES,
        )
    return float(value)


def _listed(name: str, file: FilePath) -> tuple[float, ...]:
    """Read a list of values."""
    values = read_value(name, file, 0)
    numbers = tuple(float(v) for v in np.ravel(values)[: MOST + 1])
    return checked(name, numbers, f"'{clean(file.name, 60)}'")


def checked(name: str, numbers: Sequence[float], where: str) -> tuple[float, ...]:
    """Return a list of values, after a look at them.

    Raises:
        UsageError: They are too many or too few, or do not rise or fall.
    """
    if not 2 <= len(numbers) <= MOST:
        raise UsageError(
            f"--sweep: {where} has {plural(len(numbers), 'value')} of {name}"
            if len(numbers) < 2
            else f"--sweep: {where} has more than {MOST} values of {name}",
            hint=f"from 2 to {MOST}",
        )
    if not all(map(np.isfinite, numbers)):
        raise UsageError(f"--sweep: {where} has a value of {name} that is not finite")
    rises = [a < b for a, b in pairwise(numbers)]
    if any(a == b for a, b in pairwise(numbers)) or len(set(rises)) > 1:
        raise UsageError(
            f"--sweep: the values of {name} in {where} are not in rising or falling order",
            hint="sort them, and leave out repetitions",
        )
    return tuple(numbers)
