"""What is shown, and how: one frozen object of options, and what sets the kinds of nodes apart.

It knows no format; colours are in `dzviz.themes`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple

from dzviz.errors import UsageError, did_you_mean
from dzviz.styles import STYLES
from dzviz.themes import AUTO, THEMES, Paint, Theme, theme_named

if TYPE_CHECKING:
    from dzviz.graph.model import FunctionNode, VariableNode

SHOWN = ("name", "data", "grad", "dtype", "generation")
"""What a node says by default; the shape only of arrays that are not shown in full."""

FACTS = (*SHOWN, "shape")
"""What a node can say."""


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
        "; ".join(f"{name}: {what}" for name, what in STYLES.items()) + ".",
        choices=tuple(STYLES),
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
        "auto", "Explain the signs: for derivatives, always, never.", choices=("auto", "on", "off")
    )
    pace: float = _option(
        1.5,
        "So long a step of a film stays, the last one three times as long.",
        metavar="SECONDS",
        least=0.1,
        most=60.0,
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
        """Whether nodes say this fact of `FACTS`."""
        return (fact in SHOWN or fact in self.show) and fact not in self.hide

    @property
    def colours(self) -> Theme:
        """The colours of the theme."""
        return theme_named(self.theme)


class Appearance(NamedTuple):
    """How one node looks: its colours, and what also stays visible in grey.

    ``mark`` is a word of `dzviz.graph.model.MARKS`, which sets the colours and the weight of the line.
    """

    paint: Paint
    dashed: bool = False
    bold: bool = False
    rounded: bool = True
    mark: str = ""


def variable_appearance(node: VariableNode, trouble: str, look: Look) -> Appearance:
    """Return how a Variable looks, by its role, its gradient's state and its trouble.

    ``trouble`` is ``""``, ``"zero"`` or a word for what is not finite, from `dzviz.text.words`.
    """
    return _variable_appearance(node.role, node.grad_state, node.mark, trouble, look.theme)


def function_appearance(node: FunctionNode, is_origin: bool, look: Look) -> Appearance:
    """Return how a Function looks, by the order of its derivative; ``is_origin`` of trouble."""
    return _function_appearance(node.order, node.mark, is_origin, look.theme)


@lru_cache
def _variable_appearance(
    role: str, grad_state: str, mark: str, trouble: str, theme_name: str
) -> Appearance:
    theme = theme_named(theme_name)
    released = grad_state == "released"
    if trouble and trouble != "zero":
        paint = theme.trouble
    elif released:
        paint = theme.released
    else:
        paint = {
            "input": theme.variable,
            "constant": theme.constant,
            "intermediate": theme.intermediate,
            "output": theme.variable,
        }[role]
    if trouble == "zero":
        paint = paint._replace(line=theme.zero)
    look = Appearance(paint, dashed=released, bold=role == "output", rounded=role != "constant")
    return marked(look, mark, theme)


@lru_cache
def _function_appearance(order: int, mark: str, is_origin: bool, theme_name: str) -> Appearance:
    theme = theme_named(theme_name)
    paint = theme.functions[order % len(theme.functions)]
    look = Appearance(theme.trouble if is_origin else paint, bold=is_origin, rounded=False)
    return marked(look, mark, theme)


def marked(look: Appearance, mark: str, theme: Theme) -> Appearance:
    """Set a node apart at one moment of a pass."""
    if mark == "ahead":
        return look._replace(paint=theme.ahead, bold=False, dashed=False, mark=mark)
    if mark:
        paint = look.paint._replace(line=theme.active)
        return look._replace(paint=paint, dashed=look.dashed or mark == "waiting", mark=mark)
    return look


def _check(field: str, value: Any, kind: Any, limits: Mapping[str, Any]) -> None:
    name = field.replace("_", "-")
    if kind == "int" and (isinstance(value, bool) or not isinstance(value, int)):
        raise UsageError(f"{name} is a whole number, not {value!r}")
    if kind.startswith("str") and not isinstance(value, str | None):
        raise UsageError(f"{name} is text, not {value!r}")
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
