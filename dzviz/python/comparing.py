"""Python's comparisons of two graphs: where they differ, and both in one picture."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cached_property
from typing import Any

from dzviz.comparison import words
from dzviz.comparison.differences import Difference, Report
from dzviz.comparison.drawn import OPTIONS, drawn
from dzviz.comparison.report import compare
from dzviz.errors import UsageError
from dzviz.fields import check_choice
from dzviz.formats import FORMATS, format_of_file
from dzviz.options import ENGLISH, LANGUAGES
from dzviz.pipeline.beside import LOOKS, BesideDrawing, check_beside
from dzviz.pipeline.beside import beside as both
from dzviz.python.api import Answered, Picture, bundle, joined, options_from, write
from dzviz.python.recording import graph_at, is_function
from dzviz.sources.signatures import name_of


class Diff(Answered):
    """Where two graphs differ; printed, the answer of ``dzviz diff``.

    ``report`` has every number, ``equal`` says whether nothing differs. The ``picture`` shows both
    graphs as one.
    """

    def __init__(self, report: Report, names: tuple[str, str]) -> None:
        self.report = report
        self.names = names
        self.equal = report.equal
        self.pictured = not report.equal

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What differs, in the order of the computation, forward and then backward."""
        return tuple(self.report.differences)

    @cached_property
    def picture(self) -> Picture:
        """Both graphs as one: faint where they agree, with both numbers where they differ."""
        remarks = words.below(self.report, self.names)
        look = {**OPTIONS, "lang": self.report.lang}
        return Picture(drawn(self.report, self.names, remarks), look)

    def __repr__(self) -> str:
        return "".join(words.text(self.report, self.names)).rstrip("\n")


def diff(
    a: Any,
    b: Any,
    *xs: Any,
    rtol: float | None = None,
    atol: float | None = None,
    backward: bool = True,
    lang: str = ENGLISH,
) -> Diff:
    """Compare two graphs: their nodes, values, gradients and shares.

    ``a`` and ``b`` are what `draw` takes, of any engine, or functions, which `record` calls on
    ``xs``. ``rtol`` and ``atol`` are tolerances that replace those of the types; without
    ``backward``, only the forward passes are compared. ``lang`` is the language of the answer.

    Raises:
        UsageError: A tolerance is negative, or there are values but no function.
        EvaluationError: A function raised an error.
    """
    for name, value in (("rtol", rtol), ("atol", atol)):
        if value is not None and not 0 <= value < float("inf"):
            raise UsageError(f"{name} is a number that is not negative, not {value!r}")
    check_choice("lang", lang, LANGUAGES)
    (first, second), names = _both(a, b, xs, "diff")
    return Diff(compare(first, second, rtol, atol, backward=backward, lang=lang), names)


class Beside:
    """Two graphs in one picture, which a notebook shows; printed, two tables."""

    def __init__(self, drawing: BesideDrawing) -> None:
        self._drawing = drawing

    @cached_property
    def svg(self) -> str:
        """The picture as SVG.

        Raises:
            LayoutError: No engine could place the nodes.
        """
        return self._drawing.svg()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it into a file: ``.svg``, ``.png`` or ``.pdf``.

        Raises:
            UsageError: The file has another suffix.
            LayoutError: No engine could place the nodes, or there are too many.
            OutputError: The file cannot be written.
        """
        format = format_of_file(os.fspath(path))
        check_beside(format)
        write(path, joined(self._drawing._replace(format=format).chunks(), format))

    def __repr__(self) -> str:
        return self._drawing.plain().rstrip("\n")

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return bundle("svg", self.svg.encode(), repr(self))


def beside(a: Any, b: Any, *xs: Any, **look: Any) -> Beside:
    """Draw two graphs side by side, at the same scale.

    ``a`` and ``b`` are what `draw` takes, of any engine, or functions, which `record` calls on
    ``xs``. ``look`` is as for `render`, except what concerns one graph, such as ``title``.

    Raises:
        UsageError: There is no such option, or there are values but no function.
        EvaluationError: A function raised an error.
    """
    found, _, layout = options_from(look)
    for name in look:
        if name not in (*LOOKS, "engine", "timeout", "font"):
            raise UsageError(
                f"{name} is not for two graphs at once", hint=f"there are {', '.join(LOOKS)}"
            )
    graphs, names = _both(a, b, xs, "beside")
    return Beside(both(graphs, names, FORMATS["svg"], found, replace(layout, expanded=())))


def _both(a: Any, b: Any, xs: Any, asker: str) -> Any:
    """Return both graphs, and what they are called.

    Raises:
        UsageError: There are values, but no function.
    """
    if xs and not (is_function(a) or is_function(b)):
        raise UsageError("values are for functions", hint=f"as in dzviz.{asker}(f, g, 2.0)")
    graphs = [graph_at(y, xs if is_function(y) else (), asker) for y in (a, b)]
    names = [name_of(y) if is_function(y) else g.title for y, g in zip((a, b), graphs, strict=True)]
    return graphs, ("A", "B") if names[0] == names[1] else (names[0] or "A", names[1] or "B")
