"""What is shown, and how: one frozen object of options, and the table of appearances.

It knows no graph and no format.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from dzviz.errors import UsageError


def _option(default: Any, help: str, **limits: Any) -> Any:
    return field(default=default, metadata={"help": help, **limits})


@dataclass(frozen=True, slots=True)
class Look:
    """The display options. A field here is also an option of the command line.

    Raises:
        UsageError: A value is not among the choices, or out of range.
    """

    precision: int = _option(4, "Significant digits of a number.", least=1, most=17)
    max_elements: int = _option(
        6, "Arrays of up to N elements are shown in full, larger ones as a summary.", least=0
    )
    rank_dir: str = _option(
        "LR", "The direction of computation: left to right or top to bottom.", choices=("LR", "TB")
    )

    def __post_init__(self) -> None:
        for option in fields(self):
            _check(option.name, getattr(self, option.name), option.type, option.metadata)


class Appearance(NamedTuple):
    """How one kind of node looks: colours with six digits, dashes, a heavier line."""

    fill: str
    line: str
    text: str = "#111827"
    dashed: bool = False
    bold: bool = False
    rounded: bool = True


APPEARANCES: Mapping[str, Appearance] = {
    "input": Appearance("#ffe8c7", "#b45309"),
    "constant": Appearance("#f3f4f6", "#6b7280", rounded=False),
    "intermediate": Appearance("#fff7ea", "#b45309"),
    "released": Appearance("#ffffff", "#b45309", dashed=True),
    "output": Appearance("#ffe8c7", "#b45309", bold=True),
    "output released": Appearance("#ffffff", "#b45309", dashed=True, bold=True),
    "function": Appearance("#dbeafe", "#1d4ed8"),
}
"""The look of a node by its role and its gradient's state."""

BACKGROUND = "#ffffff"
EDGE = "#4b5563"
EDGE_TEXT = "#b42318"
CAPTION = "#374151"
TEXT = "#111827"
QUIET = "#475569"


def appearance(role: str, grad_state: str) -> Appearance:
    """Return how a Variable of this role looks when its gradient is in this state."""
    if grad_state == "released":
        return APPEARANCES["output released" if role == "output" else "released"]
    return APPEARANCES[role]


def _check(field: str, value: Any, kind: Any, limits: Mapping[str, Any]) -> None:
    name = field.replace("_", "-")
    if kind == "int" and (isinstance(value, bool) or not isinstance(value, int)):
        raise UsageError(f"{name} is a whole number, not {value!r}")
    if "choices" in limits and value not in limits["choices"]:
        raise UsageError(f"{name} is one of {', '.join(limits['choices'])}, not {value!r}")
    least, most = limits.get("least"), limits.get("most")
    if least is not None and value < least:
        raise UsageError(f"{name} is at least {least}, not {value}")
    if most is not None and value > most:
        raise UsageError(f"{name} is at most {most}, not {value}")
