"""How nodes look, depending on what they are: colours, and marks that stay visible in grey.

It knows no shape and no format; the colours are those of `dzviz.themes`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from dzviz.options import Look
from dzviz.records import NamedTuple
from dzviz.themes import Paint, Theme, theme_named

if TYPE_CHECKING:
    from dzviz.graph.model import FunctionNode, VariableNode


class Appearance(NamedTuple):
    """How one node looks: its colours, and what also stays visible in grey.

    ``mark`` is a word of `dzviz.graph.model.MARKS`, which sets the colours and the weight of the
    line.
    """

    paint: Paint
    dashed: bool = False
    bold: bool = False
    rounded: bool = True
    mark: str = ""

    @property
    def double(self) -> bool:
        """Whether its outline is a double line, as nothing else is: dashes are for gradients."""
        return self.mark == "waiting"


def variable_appearance(node: VariableNode, trouble: str, look: Look) -> Appearance:
    """Return how a Variable looks, by its role, its gradient's state, its order and its trouble.

    ``trouble`` is a word for what is not finite, where that is to be seen of all of the node.
    """
    facts = node.role, node.grad_state, node.order, node.mark
    return _variable_appearance(*facts, trouble, look.theme)


def function_appearance(node: FunctionNode, is_origin: bool, look: Look) -> Appearance:
    """Return how a Function looks, by the order of its derivative; ``is_origin`` of trouble."""
    return _function_appearance(node.order, node.mark, is_origin, look.theme)


@lru_cache
def _variable_appearance(
    role: str, grad_state: str, order: int, mark: str, trouble: str, theme_name: str
) -> Appearance:
    theme = theme_named(theme_name)
    released = grad_state == "released"
    if trouble:
        paint = theme.trouble
    elif released and role != "output":
        paint = theme.released
    else:
        paint = {
            "input": theme.variable,
            "constant": theme.constant,
            "intermediate": theme.intermediate,
            "output": theme.variable,
        }[role]
    if order and role != "constant" and not trouble:
        paint = paint._replace(line=theme.functions[order % len(theme.functions)].line)
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
    if mark == "aside":
        return look._replace(paint=Paint(theme.background, theme.ahead.line), mark=mark)
    if mark:
        line = theme.trouble.line if mark in ("lost", "differs") else theme.active
        paint = look.paint._replace(line=line)
        return look._replace(paint=paint, mark=mark)
    return look
