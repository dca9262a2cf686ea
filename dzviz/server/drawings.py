"""What a page shows: a request computed and drawn by the way of every command, as plain data.

It runs where it can be ended at any time, and keeps nothing but the places of the last pictures.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dzviz.arguments.draw import draw_options
from dzviz.arguments.expression import ExpressionCommand
from dzviz.arguments.shell import quoted
from dzviz.arguments.values import own_options, variables_of
from dzviz.budget import Limits, limited
from dzviz.errors import DzvizError, UsageError, out_of_memory
from dzviz.fields import options_of
from dzviz.files import keyed, named
from dzviz.formats import FORMATS
from dzviz.options import Layout, Passes
from dzviz.page import html, words
from dzviz.pipeline import Computation, Drawing, Given, prepare, read_value
from dzviz.placing.kept import Kept
from dzviz.server.requests import Request, option_words, read_given, read_request
from dzviz.server.start import Start
from dzviz.sources.backends import Settings
from dzviz.sources.expression import read
from dzviz.sources.function import Made, PyFunction, load
from dzviz.styles import style_named

if TYPE_CHECKING:
    from dzviz.sources import Subject

LIMITS = Limits(10.0, 1 << 30, "a picture of a live page")
"""What one picture may take; the process that draws is ended a little later."""

MOST_TABS = 16
"""The places of so many tabs are kept."""

MOST_CELLS = 64
"""Arrays of so many elements are shown as tables."""

USUAL = "1"
"""The value of a variable that nobody gave one."""


class Drawings:
    """Draws what pages ask for that were started alike.

    Raises:
        DzvizError: What it was started with cannot be read.
    """

    def __init__(self, start: Start) -> None:
        self.start = start
        self.kept: OrderedDict[str, tuple[str, Kept]] = OrderedDict()
        self.count = 0
        self.subject = _loaded(start)

    def answer(self, data: object) -> dict[str, Any]:
        """Answer a request; what is wrong with it is an answer, too."""
        request: Request | None = None
        partial: dict[str, Any] = {}
        try:
            request = read_request(data)
            with limited(LIMITS):
                return self._answer(request, partial)
        except DzvizError as error:
            return partial | _fault(error, request, partial)
        except MemoryError:
            return partial | _fault(out_of_memory(), request, partial)
        except RecursionError:
            return partial | _fault(UsageError("this is nested too deeply"), request, partial)

    def _answer(self, request: Request, partial: dict[str, Any]) -> dict[str, Any]:
        """Answer a request; what an error's answer has, too, is ``partial`` before."""
        given, look, view = read_given(request.options)
        subject = self._subject(request, given["random_seed"])
        self.count += 1
        values = {} if isinstance(subject, Given) else self._values(subject, request)
        self._tell(values, given["random_seed"], partial)
        tab, kept = self._kept(request.tab)
        page = request.want == "page"
        layout = Layout(engine=self.start.engine, timeout=self.start.timeout)
        drawing = prepare(
            self._computation(subject, values, given),
            FORMATS["html"],
            look,
            view,
            layout if page else replace(layout, kept=kept),
        )
        answer = {
            **partial,
            "title": drawing.graph.title or "",
            "notes": [*drawing.warnings, *drawing.notes],
            "command": self.command(request, values),
            "fault": drawing.failed and _fault(drawing.failed, request, partial),
        }
        if page:
            return {**answer, "page": "".join(map(str, drawing.chunks()))}
        return {**answer, **self._picture(drawing, request, tab, kept)}

    def _picture(self, drawing: Drawing, request: Request, tab: str, kept: Kept) -> dict[str, Any]:
        """Draw one step alone, where its places are those that the page has; else all."""
        graph, look, layout = drawing.graph, drawing.look, drawing.layout
        stays = not hasattr(style_named(look.style).code, "canvas")
        if request.want == "moment" and stays:
            film = html.moment(graph, look, layout, request.step)
            if request.structure == f"{tab}.{kept.count}":
                return {
                    "structure": request.structure,
                    "step": request.step,
                    "parts": [[track.key, track.states[0][1]] for track in film.tracks],
                    "caption": film.canvas.caption,
                    "told": words(film.texts[0]),
                }
        main = html.whole(graph, look, layout)
        return {"structure": f"{tab}.{kept.count if stays else -self.count}", "main": main}

    def _kept(self, tab: str) -> tuple[str, Kept]:
        """Return the places of a tab, and what they are called."""
        found = self.kept.pop(tab, None) or (secrets.token_hex(8), Kept())
        self.kept[tab] = found
        if len(self.kept) > MOST_TABS:
            self.kept.popitem(last=False)
        return found

    def _subject(self, request: Request, seed: int) -> Subject | Given:
        """Return what is drawn: a page may write a formula only where it was started with one."""
        if self.subject is not None:
            if request.formula is not None:
                raise UsageError("this page was not started with a formula")
            if isinstance(self.subject, PyFunction) and self.subject.settings is not None:
                settings = self.subject.settings._replace(seed=seed)
                return replace(self.subject, settings=settings)
            return self.subject
        from dzviz.engine import OPS

        return read(request.formula or "", functions=lambda: OPS)

    def _values(self, subject: Subject, request: Request) -> dict[str, str]:
        """Return all values as they are written; files are those of the command line.

        A page remembers values of variables that are not in its formula at the moment.
        """
        known = variables_of(subject)
        values = {name: text for name, text in request.values.items() if name in known}
        for name in subject.names:
            values.setdefault(name, self.start.values.get(name, USUAL))
        for name, text in self.start.values.items():
            if text.startswith("@") and name in known:
                values.setdefault(name, text)
        return values

    def _tell(self, values: Mapping[str, str], seed: int, partial: dict[str, Any]) -> None:
        """Say for each value what its field shows.

        Raises:
            DzvizError: One cannot be read; ``partial`` says which.
        """
        fault: DzvizError | None = None
        fields = partial["values"] = {}
        for name, text in values.items():
            fields[name] = {"text": text, "shape": None, "elements": None, "whole": False}
            try:
                value = np.asarray(read_value(name, _value(text), seed))
            except DzvizError as error:
                if fault is None:
                    fault, partial["value"] = error, name
                continue
            few = value.size <= MOST_CELLS and value.ndim <= 2
            fields[name] |= {
                "shape": list(value.shape),
                "elements": [_written(v) for v in value.ravel()] if few else None,
                "whole": value.dtype.kind in "iu",
            }
        if fault is not None:
            raise fault

    def _computation(
        self, subject: Subject | Given, values: Mapping[str, str], given: Mapping[str, Any]
    ) -> Computation | Given:
        passes = {field.name: given[field.name] for field in options_of(Passes)}
        if isinstance(subject, Given):
            return subject._replace(backward=passes["backward"])
        read_values = {name: _value(text) for name, text in values.items()}
        return Computation(subject, read_values, partial=True, **passes)

    def command(self, request: Request, values: Mapping[str, str]) -> str:
        """Write the command that draws the same."""
        start = self.start
        words = ["dzviz", "draw"]
        for option, value in (("--py-function", start.function), ("--graph", start.graph)):
            words += [option, value] if value else []
        words += [w for name, v in start.settings.items() if v for w in (f"--{name}", v)]
        for name, text in values.items():
            if f"--{name}" in _OURS:
                words += ["--set", f"{name}={text}"]
            else:
                words += [f"--{name}={text}"] if text.startswith("-") else [f"--{name}", text]
        words += option_words(request.options)
        words += ["-o", "graph.svg"]
        if request.formula is not None:
            words += ["--", request.formula] if request.formula.startswith("-") else []
            words[2:2] = [] if request.formula.startswith("-") else [request.formula]
        return " ".join(map(quoted, words))


_OURS = own_options(ExpressionCommand("draw", params=draw_options()))


def _loaded(start: Start) -> Subject | Given | None:
    """Load a function or a graph; None where there is a formula."""
    if start.function is not None:
        from dzviz.streams import part_from_users_code

        part_from_users_code()
        settings = start.settings
        how = Settings(settings["backend"] or "auto", settings["dtype"])
        loaded = load(start.function, None, how)
        return Given(loaded.graph) if isinstance(loaded, Made) else loaded
    if start.graph is not None:
        from dzviz.sources import read_graph

        return Given(read_graph(named(start.graph)))
    return None


def _value(text: str) -> Any:
    return keyed(text[1:]) if text.startswith("@") else text


def _written(value: Any) -> str:
    """Write an element so that it is read as itself."""
    usual = 1e-4 <= abs(value) < 1e9
    text = np.format_float_positional(value, trim="-") if usual else repr(float(value))
    return text.removesuffix(".0")


def _fault(
    error: DzvizError, request: Request | None, partial: Mapping[str, Any]
) -> dict[str, Any]:
    """Say what is wrong, and where: in the formula, at a value, or nowhere in particular."""
    place = error.place
    formula = request.formula if request else None
    span = [place.start, place.end] if place and place.text == formula else None
    value = partial.get("value")
    return {
        "error": str(error),
        "hint": error.hint,
        "value": value,
        "span": span if value is None else None,
    }
