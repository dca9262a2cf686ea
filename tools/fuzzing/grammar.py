"""Random expressions, values and command lines, made of the project's own tables.

Everything is decided by dice that behave like a `random.Random`; where they come from (chance,
Hypothesis, a coverage-guided fuzzer) is not known here.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import click
import numpy as np

from dzviz.cli.commands import load
from dzviz.engine import OPS
from dzviz.formats import FORMATS
from dzviz.formats.trace import TRACE_FORMATS
from dzviz.language.makers import MAKERS
from dzviz.language.syntax import CONSTANTS, OPERATORS
from dzviz.language.tokens import REFUSED_SIGNS, REFUSED_WORDS

NAMES = ("x", "y", "w", "日本", "x2")
FUNCTIONS = tuple(OPS)
CALLED = (*OPS, *MAKERS)
BETWEEN = tuple(dict.fromkeys(OPERATORS.values()))
LEAVES = ("0", "1", "2", "-1", "0.5", "1e308", "1e-320", *CONSTANTS, *NAMES)
INDICES = ("[0]", "[-1]", "[0:1]", "[::2]", ".T", "[..., None]", "[5]", "[[0, 0]]", "[x > 0]")
SETTINGS = ("axis=0", "axis=-1", "axis=(0, 1)", "axis=None", "keepdims=True", "(2, 2)", "-1", "0")
PARTS = (*BETWEEN, ",", ";", "=", "(", ")", "[", "]", ":", ".T", *NAMES, *CALLED)
NOISE = (*REFUSED_SIGNS, *REFUSED_WORDS, "²", "√", "__import__", "#", "\0", "\n", "9" * 400)
PIECES = (*PARTS, *NOISE)
VALUES = (
    *("0", "1", "-1", "3", "1e300", "nan", "[1,2]", "[[1,2],[3,4]]", "zeros(2,2)", "[]", "0.5"),
    *("rand(2, 3)", "randn(3)", "zeros(0, 3)", "rand(200)", "eye(30)", "1e-5", "2*pi", "-inf"),
)
WRONG = ("x", "1e", "[[1],[2,3]]", "@no.npy", "", "--", "zeros(9999999)", "sin", "\0")
QUICK = tuple(name for name, format in FORMATS.items() if not format.placed)
PLACED = tuple(name for name in ("svg", "png", "html", "gif", "animation") if name in FORMATS)
COMMANDS = ("draw", "draw", "draw", "grad", "trace", "gradcheck", "batch", "ops")
LEFT_OUT = frozenset(
    [
        "allow-python",
        "animate",
        "config",
        "engine",
        "file",
        "font",
        "format",
        "frames",
        "layout-timeout",
        "open",
        "output",
        "output-dir",
        "py-function",
        "root",
        "set",
    ]
)
"""Options that name files, start programs, or are given in a way of their own."""

Dice = random.Random
Case = dict[str, Any]


def expression(dice: Dice, depth: int = 4) -> str:
    """Make an expression by the grammar; it need not make sense."""
    if depth <= 0 or dice.random() < 0.15:
        return dice.choice(LEAVES)
    a, b = (expression(dice, depth - dice.randint(1, 3)) for _ in range(2))
    match dice.randrange(12):
        case 0 | 1 | 2:
            return f"{a} {dice.choice(BETWEEN)} {b}"
        case 3:
            return f"({a})"
        case 4:
            return f"-{a}"
        case 5 | 6:
            return f"{dice.choice(FUNCTIONS)}({a})"
        case 7:
            return f"{dice.choice(FUNCTIONS)}({a}, {b})"
        case 8:
            return f"{dice.choice(CALLED)}({a}, {dice.choice(SETTINGS)})"
        case 9:
            return f"{dice.choice(FUNCTIONS)}([{a}, {b}], {dice.choice(SETTINGS)})"
        case 10:
            return f"[{a}, {b}]"
        case _:
            return f"({a}){dice.choice(INDICES)}"


def program(dice: Dice, depth: int = 5) -> str:
    """Make an expression with parts that have names, or with several outputs, now and then."""
    text = expression(dice, dice.randint(0, depth))
    for _ in range(dice.choice((0, 0, 0, 1, 3))):
        end = dice.choice((";", "\n"))
        text = f"{dice.choice(NAMES)} = {expression(dice, 2)}{end} {text}"
    return f"{text}, {expression(dice, 2)}" if dice.random() < 0.1 else text


def damaged(dice: Dice, text: str) -> str:
    """Change a text here and there."""
    for _ in range(dice.choice((0, 1, 1, 2, 4))):
        i = dice.randint(0, len(text))
        j = min(len(text), i + dice.choice((0, 1, 2, 6)))
        piece = dice.choice(PIECES)
        if dice.random() < 0.02:
            piece *= dice.choice((3, 99, 101, 3000))
        elif dice.random() < 0.1:
            piece = chr(dice.choice((dice.randint(0, 255), dice.randint(0, 0x10FFFF))))
        text = text[:i] + dice.choice((piece, "", text[i:j] * 2)) + text[j:]
    return text[:11_000]


def text_case(dice: Dice) -> Case:
    """Make a text that is nearly an expression."""
    return {"text": damaged(dice, program(dice, dice.randint(0, 4)))}


def values_case(dice: Dice) -> Case:
    """Make an expression with a value for each name."""
    shapes: Sequence[tuple[int, ...]] = ((), (), (2,), (2, 2), (0,), (1, 3))
    values = {}
    for name in NAMES:
        shape = dice.choice(shapes)
        numbers = [round(dice.uniform(-3, 3), 2) for _ in range(int(np.prod(shape)))]
        values[name] = np.array(numbers).reshape(shape).tolist()
    return {"text": program(dice), "values": values}


def command_case(dice: Dice) -> Case:
    """Make a whole command line, with options of every kind."""
    command = dice.choice(COMMANDS)
    if command == "ops":
        return {"args": ["ops", *_options(dice, "ops"), dice.choice(("", *FUNCTIONS, "sni"))]}
    if command == "batch":
        lines = [
            f"{dice.choice('abc')}{dice.choice(('.dot', '.json', '.txt', '', '..'))}"
            f'{dice.choice((":", ":", ":", ""))} "{_line(dice)}" {" ".join(_rest(dice, 2))}'
            for _ in range(dice.randint(0, 3))
        ]
        return {"args": ["batch", "-", "--output-dir", "{folder}"], "stdin": "\n".join(lines)}
    placed = command == "draw" and dice.random() < 0.03
    text = program(dice, 2 if placed or command == "gradcheck" else 5)
    text = damaged(dice, text) if dice.random() < 0.4 else text
    named = [] if command == "draw" and dice.random() < 0.5 else [command]
    names = [name for name in NAMES if re.search(rf"\b{name}\b", text)]
    values = [value for name in names for value in _value(dice, name)]
    if command == "gradcheck":  # which computes the expression 50 times for each element
        values = [value.replace("200", "9").replace("30", "3") for value in values]
    options = _options(dice, command)
    if command == "draw":
        options += ["-T", dice.choice(PLACED if placed else QUICK)]
    elif command == "trace":
        options += ["-T", dice.choice((*TRACE_FORMATS, "svg"))]
    if dice.random() < 0.2:
        return {"args": [*named, *values, *options, "--", text]}
    return {"args": [*named, text, *values, *options]}


def _line(dice: Dice) -> str:
    return expression(dice, 2).replace('"', "")


def _rest(dice: Dice, depth: int) -> list[str]:
    return [part for name in NAMES[:depth] for part in _value(dice, name) if '"' not in part]


def _value(dice: Dice, name: str) -> list[str]:
    """Give a name a value, in one of the ways, or not at all."""
    value = dice.choice(VALUES if dice.random() < 0.97 else WRONG)
    ways = ([f"--{name}", value], [f"--{name}={value}"], ["--set", f"{name}={value}"])
    return dice.choice(ways) if dice.random() < 0.97 else []


def _options(dice: Dice, command: str) -> list[str]:
    """Choose some of a command's options, with values of their types."""
    chosen: list[str] = []
    for _ in range(dice.choice((0, 0, 1, 1, 2, 4))):
        option = dice.choice(_choices(command))
        name = dice.choice(option.opts)
        chosen += [name] if option.is_flag else [name, _argument(dice, option)]
    return chosen


@cache
def _choices(command: str) -> tuple[click.Option, ...]:
    """Return the options of a command that are chosen from."""
    return tuple(
        param
        for param in load(command).params
        if isinstance(param, click.Option)
        and not LEFT_OUT.intersection(name.lstrip("-") for name in param.opts)
    )


def _argument(dice: Dice, option: click.Option) -> str:
    if dice.random() < 0.05:
        return dice.choice(("", "-1", "many", "1e9", "x,y", "\x1b[31m"))
    match option.type:
        case click.Choice(choices=choices):
            return str(dice.choice(tuple(choices)))
        case click.IntRange(min=low):
            return str((low or 0) + dice.choice((0, 1, 2, 3)))
        case click.FloatRange() | click.types.FloatParamType():
            return dice.choice(("0", "1e-9", "0.5", "3"))
    return dice.choice(("x", "x", "all", "none", "title", "book", "dark"))
