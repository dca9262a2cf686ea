"""A sweep from Python: a function or a formula over the values of a variable, for a notebook."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from dzviz.errors import DzvizWarning, UsageError
from dzviz.formats import format_named
from dzviz.page import framed
from dzviz.pipeline import Computation
from dzviz.python.api import joined, options_from
from dzviz.sources.backends import Settings, named_backend, of_type, used_by
from dzviz.sources.expression import read
from dzviz.sources.foreign import engine_of
from dzviz.sources.function import PyFunction
from dzviz.sources.signatures import name_of, parameters_of
from dzviz.sweeps.axes import read_axes
from dzviz.sweeps.drawing import prepare
from dzviz.sweeps.points import Row, rows

if TYPE_CHECKING:
    from dzviz.sources import Subject

HEIGHT = 760
"""The height in pixels of a page in a notebook."""


def sweep(
    f: Callable[..., Any] | str,
    over: Mapping[str, str | Sequence[float]],
    values: Mapping[str, Any] | None = None,
    *,
    retain_grad: bool = False,
    order: int = 0,
    wrt: Sequence[str] = (),
    random_seed: int = 0,
    backend: str = "auto",
    dtype: str | None = None,
    **look: Any,
) -> Sweep:
    """Compute a function, or a formula, for many values of one or two of its variables.

    ``over`` names these variables, or an element such as ``W[0,1]``. Their values are text like
    ``-3:3:61`` and ``1e-3:10:41:log``, or numbers in rising or falling order. ``values`` are the
    values of the other variables: numbers or arrays. The rest is as for `dzviz.record` and
    `dzviz.render`.

    Raises:
        UsageError: A value or an option is wrong.
        EvaluationError: The function raised an error, or did not return Variables.
    """
    settings = Settings(backend, dtype, random_seed)
    subject: Subject = read(f) if isinstance(f, str) else _function(f, settings)
    given = {name: np.array(value) for name, value in (values or {}).items()}
    computation = Computation(
        subject,
        {name: x.astype(float) if x.dtype.kind in "biu" else x for name, x in given.items()},
        "values={{{!r}: ...}}".format,
        retain_grad=retain_grad,
        order=order,
        wrt=",".join(wrt) or None,
        random_seed=random_seed,
    )
    return Sweep(computation, over, look)


class Sweep:
    """A sweep as a page with sliders in a notebook, and in any format that a sweep has."""

    def __init__(
        self,
        computation: Computation,
        over: Mapping[str, str | Sequence[float]],
        look: dict[str, Any],
    ) -> None:
        self._computation = computation
        self._look = look
        options_from(look)  # what is wrong is said now, not when a notebook asks for the page
        self.axes = read_axes(
            [f"{name}={text}" for name, text in over.items() if isinstance(text, str)],
            computation.subject,
            computation.values,
            {name: some for name, some in over.items() if not isinstance(some, str)},
        )

    @cached_property
    def rows(self) -> list[Row]:
        """The values, outputs and gradients at each point."""
        with _quiet():
            found, _, warned, _ = rows(self._computation, self.axes)
        _warn(warned)
        return found

    def render(self, format: str) -> bytes:
        """Write it as ``html``, ``svg``, ``png``, ``pdf``, ``alt``, ``animation`` or ``gif``.

        Raises:
            UsageError: There is no such format, or a sweep has none.
            LayoutError: No engine could place the nodes, or there are too many.
        """
        made = format_named(format)
        look, view, layout = options_from(self._look)
        with _quiet():
            drawing = prepare(self._computation, self.axes, made, look, view, layout)
            data = joined(drawing.chunks(), made)
        _warn(drawing.warnings)
        return data

    @cached_property
    def html(self) -> str:
        """The page."""
        return self.render("html").decode()

    @cached_property
    def svg(self) -> str:
        """The curve."""
        return self.render("svg").decode()

    def __repr__(self) -> str:
        return self.render("alt").decode().rstrip("\n")

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/html": framed(self.html, "A sweep", height=HEIGHT), "text/plain": repr(self)}


def _function(f: Callable[..., Any], settings: Settings) -> PyFunction:
    """Make a subject of a function."""
    if not callable(f):
        raise UsageError("a sweep needs a function, or a formula as text")
    target = name_of(f)
    backend = named_backend(settings.backend)
    if backend is not None:
        backend.require()
    module = sys.modules.get(getattr(f, "__module__", None) or "")
    made = PyFunction(target, f, (), (), settings=settings)
    parts: dict[str, Any] = {"backend": backend}
    found = of_type(f, backend, settings) if settings.backend != "numpy" else None
    if found is not None:
        parts = {"backend": found[0], "function": found[1]}
    elif backend is None and module is not None and (engine := engine_of(module)) is not None:
        parts = {"engine": engine}
    elif settings.backend == "auto" and module is not None:
        parts = {"candidates": used_by(module)}
    made = replace(made, **parts)
    names, optional = parameters_of(target, made.function, made.backend)
    return replace(made, names=names, optional=optional)


@contextmanager
def _quiet() -> Iterator[None]:
    """Let NumPy say nothing of what is not finite: the picture does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


def _warn(sentences: Sequence[str]) -> None:
    for sentence in sentences:
        warnings.warn(sentence, DzvizWarning, stacklevel=4)
