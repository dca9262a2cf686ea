"""The options of a picture: what it says and how it looks, how much it shows, how it is placed.

It knows no graph, no click and no format. Names of styles are checked where styles are looked up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple

from dzviz.errors import UsageError, did_you_mean
from dzviz.themes import AUTO, THEMES, Theme, theme_named

if TYPE_CHECKING:
    from dzviz.graph.model import Graph

RADIUS = 2
"""So many edges around a node are its surroundings, where none are told."""

NOT_FINITE = "nan"
"""Stands for the place where the first NaN or infinity arose."""

NODE = "the name or the id of a node"

FOLD = ("auto", "always", "none")

SHOWN = ("name", "data", "grad", "dtype", "generation", "caption")
"""What is said by default; the shape only of arrays that are not shown in full."""

FACTS = (*SHOWN, "shape", "order")
"""What can be said: of nodes, and in the caption below; ``order`` is that of the backward pass."""


def _option(default: Any, help: str, **limits: Any) -> Any:
    return field(default=default, metadata={"help": help, **limits})


@dataclass(frozen=True, slots=True)
class Look:
    """The display options. A field here is also an option of the command line.

    Raises:
        UsageError: A value is not among the choices, or out of range.
    """

    style: str = _option(
        "boxes",
        "How the graph is drawn.",
    )
    theme: str = _option(
        "light",
        "The colours; auto is an SVG that follows its reader's screen.",
        choices=(*THEMES, AUTO),
    )
    background: str = _option(
        "", "Behind the graph: transparent, or a colour like #fffff0.", metavar="COLOUR"
    )
    show: tuple[str, ...] = _option((), f"Also say: {', '.join(FACTS)}.", each=FACTS)
    hide: tuple[str, ...] = _option((), "Do not say: the same.", each=FACTS)
    contributions: str = _option(
        "auto",
        "On which edges to say what flowed back: of Variables used more than once, all, none.",
        choices=("auto", "all", "none"),
    )
    precision: int = _option(4, "Significant digits of a number.", least=1, most=17)
    max_elements: int = _option(
        6, "Arrays of up to N elements are shown in full, larger ones as a summary.", least=0
    )
    title: str | None = _option(None, "Below the graph, instead of the expression.", metavar="TEXT")
    legend: str = _option(
        "auto",
        "A key below the graph: of the marks that occur, of all there are, none.",
        choices=("auto", "on", "off"),
    )
    pace: float = _option(
        1.5,
        "So long a step of a film stays, the last one three times as long.",
        metavar="SECONDS",
        least=0.1,
        most=60.0,
    )
    full: bool = _option(
        False,
        "JSON holds all there is: whole arrays, bounds of rounding, events. --graph reads it.",
    )
    steady: bool = _option(
        False,
        "Keep room for all states of the gradients, so that nothing moves from a picture to the "
        "next: before backward, with and without --retain-grad.",
    )
    rank_dir: str = _option(
        "LR", "The direction of computation: left to right or top to bottom.", choices=("LR", "TB")
    )

    def __post_init__(self) -> None:
        for option in fields(self):
            _check(option.name, getattr(self, option.name), option.type, option.metadata)
        if not re.fullmatch("|transparent|#[0-9a-fA-F]{6}", self.background):
            raise UsageError(
                f"background is transparent or a colour like #fffff0, not '{self.background}'"
            )

    def says(self, fact: str) -> bool:
        """Whether this fact of `FACTS` is said."""
        return (fact in SHOWN or fact in self.show) and fact not in self.hide

    @property
    def colours(self) -> Theme:
        """The colours of the theme."""
        return theme_named(self.theme)


@dataclass(frozen=True, slots=True)
class View:
    """The options of large graphs. A field here is also an option of the command line.

    Raises:
        UsageError: A value is not as it should be.
    """

    fold: str = _option(
        "auto",
        "Draw what repeats once, with how often and the range of its values; auto: in pictures of "
        "more than --max-nodes.",
        choices=FOLD,
    )
    focus: str | None = _option(
        None,
        f"Draw the surroundings of a variable or a node (v12, f3), or of {NOT_FINITE}: where the "
        f"first NaN or infinity arose. RADIUS counts edges; it is {RADIUS} unless given.",
        metavar="NAME[:RADIUS]",
        what=NODE,
    )
    from_: str | None = _option(
        None,
        "Draw what is computed from this node.",
        metavar="NAME",
        what=NODE,
    )
    to: str | None = _option(
        None,
        "Draw what this node is computed from.",
        metavar="NAME",
        what=NODE,
    )
    depth: int | None = _option(
        None,
        "Draw frames that lie deeper in frames as one node each; 0: every frame.",
        metavar="N",
        least=0,
    )
    max_nodes: int = _option(
        1000, "A picture has at most so many nodes. DOT, JSON and text have no limit.", least=1
    )

    def __post_init__(self) -> None:
        for option in fields(self):
            _check(option.name, getattr(self, option.name), option.type, option.metadata)
        if self.focus is not None and (self.from_ is not None or self.to is not None):
            raise UsageError("--focus does not go with --from and --to", hint="take one of them")


class Layout(NamedTuple):
    """How nodes are placed in the formats that need it.

    ``engine`` and ``timeout`` (in seconds) say by what; ``font`` is a file for characters that the
    usual font lacks; ``room`` is the same graph with every gradient known, for which to leave room.
    ``watch`` gets the steps of long work and gives them back one by one, as tqdm does.
    """

    engine: str = "auto"
    timeout: float = 30.0
    font: str | None = None
    room: Graph | None = None
    watch: Callable[[Sequence[Any]], Iterable[Any]] = iter


def _check(field: str, value: Any, kind: Any, limits: Mapping[str, Any]) -> None:
    name = field.rstrip("_").replace("_", "-")
    if value is None and kind.endswith("| None"):
        return
    if kind.startswith("int") and (isinstance(value, bool) or not isinstance(value, int)):
        raise UsageError(f"{name} is a whole number, not {value!r}")
    if kind == "bool" and not isinstance(value, bool):
        raise UsageError(f"{name} is True or False, not {value!r}")
    if kind.startswith("str") and not isinstance(value, str | None):
        raise UsageError(f"{name} is {limits.get('what', 'text')}, not {value!r}")
    if kind == "float" and (
        isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value)
    ):
        raise UsageError(f"{name} is a number, not {value!r}")
    if "choices" in limits:
        _check_choice(name, value, limits["choices"])
    if "each" in limits:
        if not isinstance(value, tuple):
            raise UsageError(f"{name} is a tuple of names, not {value!r}")
        for item in value:
            _check_choice(name, item, limits["each"])
    least, most = limits.get("least"), limits.get("most")
    if least is not None and value < least:
        raise UsageError(f"{name} is at least {least}, not {value}")
    if most is not None and value > most:
        raise UsageError(f"{name} is at most {most}, not {value}")


def _check_choice(name: str, value: Any, choices: Collection[str]) -> None:
    if value not in choices:
        raise UsageError(
            f"{name} is one of {', '.join(choices)}, not {value!r}",
            hint=did_you_mean(str(value), choices),
        )
