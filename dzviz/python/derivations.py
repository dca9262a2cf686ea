"""Python's derivations: `explain` how gradients come about, as equations."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from dzviz.engine import Tape
from dzviz.equations.derivation import Derivation, derivation_of
from dzviz.equations.writers import DETAILS, FORMS, form_of_file, fragment
from dzviz.errors import UsageError
from dzviz.fields import check_choice
from dzviz.graph.model import Graph
from dzviz.options import ENGLISH, Look
from dzviz.python.api import write
from dzviz.python.recording import followed, is_function, record
from dzviz.sources import graph_of, snapshot


class Explained:
    """A derivation as ``text``, ``tex``, ``html`` and ``markdown``; a notebook shows formulas.

    Printed, it is the text.
    """

    def __init__(self, derivation: Derivation, detail: str, look: Look) -> None:
        self.derivation = derivation
        self._detail = detail
        self._look = look

    def write(self, form: str) -> str:
        """Write it in a form of `dzviz.equations.writers.FORMS`.

        Raises:
            UsageError: There is no such form.
        """
        check_choice("form", form, FORMS)
        return "".join(FORMS[form].write(self.derivation, self._look, self._detail))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it into a file: ``.txt``, ``.tex``, ``.html`` or ``.md``.

        Raises:
            UsageError: The file has another suffix.
            OutputError: The file cannot be written.
        """
        write(path, self.write(form_of_file(os.fspath(path))).encode())

    @property
    def text(self) -> str:
        """The equations as lines of text."""
        return self.write("text")

    @property
    def tex(self) -> str:
        """An environment of amsmath."""
        return self.write("tex")

    @property
    def html(self) -> str:
        """A page of MathML."""
        return self.write("html")

    @property
    def markdown(self) -> str:
        """Formulas between dollars."""
        return self.write("markdown")

    def __repr__(self) -> str:
        return self.text.rstrip("\n")

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        shown = "".join(fragment(self.derivation, self._look, self._detail))
        return {"text/html": shown, "text/plain": repr(self)}


def explain(
    y: Any,
    *xs: Any,
    order: int = 1,
    wrt: Sequence[str] = (),
    detail: str = "steps",
    precision: int = 4,
    max_elements: int = 6,
    lang: str = ENGLISH,
) -> Explained:
    """Write the derivation of the gradients of ``y`` as equations.

    ``y`` is a function, which is called on ``xs`` as `record` does; or Variables of dzviz's own
    engine, whose pass is run once more without changing anything; or a Graph that `record` made.
    The equations are those of the derivatives up to ``order``, by the variables that ``wrt`` names
    (all by default). ``detail`` is ``steps``, ``rules`` (no numbers) or ``result``;
    ``lang`` is the language of its words.

    Raises:
        UsageError: The rules of ``y`` are not known, or there is no such variable.
        EvaluationError: The function raised an error.
    """
    check_choice("detail", detail, DETAILS)
    look = Look(precision=precision, max_elements=max_elements, lang=lang)
    names = [wrt] if isinstance(wrt, str) else list(wrt)
    if is_function(y):
        graph = record(y, *xs, order=order - 1, wrt=names[: order - 1] if len(names) > 1 else names)
    elif xs:
        raise UsageError("values are for a function", hint="as in dzviz.explain(f, 2.0)")
    elif order > 1:
        raise UsageError(
            "order is for a function, which can be computed again",
            hint="as in dzviz.explain(f, 2.0)",
        )
    else:
        graph = _followed(y)
    return Explained(derivation_of(graph, names[-1:]), detail, look)


def _followed(y: Any) -> Graph:
    """Return a graph with what its pass does; a Graph tells that itself."""
    if not snapshot.recognises(y):
        return y if isinstance(y, Graph) else graph_of(y)
    return followed(y, Tape())[0]
