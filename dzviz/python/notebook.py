"""A picture in a notebook that follows sliders; a page of many values without ipywidgets.

It has the engine's own numbers: at each move the function is called and differentiated again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from html import escape
from typing import Any

from dzviz.errors import DzvizError, UsageError, did_you_mean, pip_install
from dzviz.formats import FORMATS
from dzviz.graph.model import Graph
from dzviz.options import Look
from dzviz.pipeline import drawing_of
from dzviz.placing.kept import Kept
from dzviz.python.api import Picture
from dzviz.python.recording import record
from dzviz.python.sweeping import Sweep, sweep
from dzviz.sources.signatures import parameters_of
from dzviz.styles import with_style

STEPS = 300
"""A slider has so many steps."""


def live(f: Callable[..., Any], named: Mapping[str, Any], **look: Any) -> Live:
    """Draw ``f`` in a notebook, with a slider for each parameter that has a range.

    ``named`` gives each parameter a range ``(least, most)``, which starts in the middle, or
    ``(least, most, first)``, or a number or an array that stays fixed. ``look`` takes the fields of
    `dzviz.options.Look`. Without ipywidgets, it is a page with many values, and says so; with more
    than two ranges, it is a picture of the first values.

    Raises:
        UsageError: A parameter has no value, a name is not a parameter, or there is no such option.
    """
    return Live(f, named, look)


class Live:
    """What `live` shows: ``values`` as they are now, and the ``picture`` of these."""

    def __init__(
        self, f: Callable[..., Any], named: Mapping[str, Any], look: dict[str, Any]
    ) -> None:
        name = getattr(f, "__name__", "f")
        needed, optional = parameters_of(name, f)
        for given in named:
            if given not in (*needed, *optional):
                hint = did_you_mean(given, (*needed, *optional))
                raise UsageError(f"{name} has no parameter '{given}'", hint=hint)
        if missing := [parameter for parameter in needed if parameter not in named]:
            hint = f'as in: named={{"{missing[0]}": (-3, 3)}}'
            raise UsageError(f"{name} needs a value for '{missing[0]}'", hint=hint)
        self.f = f
        self.look = with_style(Look(**look))
        self.ranges = {n: _range(n, v) for n, v in named.items() if isinstance(v, tuple)}
        self.values = {n: self.ranges[n][2] if n in self.ranges else v for n, v in named.items()}
        self._given = look
        self._kept = Kept()

    def graph(self) -> Graph:
        """Call the function on the values, and run backward."""
        names = list(self.values)

        def call(*xs: Any) -> Any:
            return self.f(**dict(zip(names, xs, strict=True)))

        return _recorded(self.f, call, self.values)

    @property
    def picture(self) -> Picture:
        """The picture of the values."""
        return Picture(self.graph(), self._given)

    @cached_property
    def widget(self) -> Any:
        """The sliders and the picture below them, as a widget; None without ipywidgets."""
        try:
            import ipywidgets
        except ImportError:
            return None
        shown = ipywidgets.HTML(self._html())
        sliders = []
        for name, (least, most, first) in self.ranges.items():
            slider = ipywidgets.FloatSlider(
                value=first, min=least, max=most, step=(most - least) / STEPS, description=name
            )

            def move(change: Any, name: str = name) -> None:
                self.values[name] = change["new"]
                shown.value = self._html()

            slider.observe(move, names="value")
            sliders.append(slider)
        return ipywidgets.VBox([*sliders, shown])

    def _html(self) -> str:
        """Draw the values at the places of those before."""
        try:
            drawing = drawing_of(self.graph(), FORMATS["svg"], self.look)
            layout = replace(drawing.layout, kept=self._kept)
            return "".join(map(str, drawing._replace(layout=layout).chunks()))
        except DzvizError as error:
            return f"<pre>{escape(str(error))}</pre>"

    def __repr__(self) -> str:
        return repr(self.picture)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Any:
        if self.widget is not None:
            return self.widget._repr_mimebundle_()
        word = f"with ipywidgets it computes while you drag: {pip_install('ipywidgets')}"
        if (swept := self.swept) is not None:
            shown = swept._repr_mimebundle_()
            html, text = shown["text/html"], shown["text/plain"]
        else:
            picture = self.picture
            html, text = picture.svg, repr(picture)
            word = f"of {', '.join(f'{n} = {self.values[n]:g}' for n in self.ranges)}; {word}"
        return {"text/html": f"{html}<p>{escape(word)}</p>", "text/plain": f"{text}\n{word}"}

    @property
    def swept(self) -> Sweep | None:
        """The same as a page of many values, which needs no widgets; of up to two ranges."""
        points = {1: 61, 2: 21}.get(len(self.ranges))
        if points is None:
            return None
        over = {name: f"{least}:{most}:{points}" for name, (least, most, _) in self.ranges.items()}
        others = {name: x for name, x in self.values.items() if name not in self.ranges}
        made = sweep(self.f, over, others, **self._given)
        try:
            return made if made.html else None
        except DzvizError:  # at one of the values; for the first of all, the picture shows it
            return None


def _recorded(f: Callable[..., Any], call: Callable[..., Any], values: Mapping[str, Any]) -> Graph:
    """Record a call by names; what a backend computes is called as it is."""
    import inspect

    parameters = [
        inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in values
    ]
    call.__name__ = getattr(f, "__name__", "f")
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return record(call, *values.values())


def _range(name: str, given: tuple[Any, ...]) -> tuple[float, float, float]:
    """Read the range of a slider, and where it begins.

    Raises:
        UsageError: It is none.
    """
    try:
        least, most, *more = map(float, given)
        (first,) = more or [(least + most) / 2]
    except (TypeError, ValueError):
        raise UsageError(f"the range of {name} is (least, most) or (least, most, first)") from None
    if not least <= first <= most or least == most:
        raise UsageError(f"the range of {name} must be in rising order and contain the first value")
    return least, most, first
