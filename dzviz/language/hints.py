"""Wrong text -> what was probably meant: a whole corrected expression, or the name of a function.

Knows when a repair is good enough to be offered, and how functions and constants are called
elsewhere. It does not know how a single fault is repaired.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import Final

from dzviz.language import syntax
from dzviz.language.repairs import repaired
from dzviz.language.repairs.known import FORMULAS, MODULES, NAMES, similar
from dzviz.language.repairs.shape import decimal_comma
from dzviz.language.tokens import NEWLINE, TextError, lexemes

MAX_CHARACTERS: Final = 300
"""A longer text gets no corrected expression: nobody would compare the two by eye."""

ATTEMPTS: Final = 40
"""How many texts are tried on the way to one that parses."""

VALUES: Final = {
    "Pi": "pi",
    "PI": "pi",
    "E": "e",
    "Inf": "inf",
    "infinity": "inf",
    "Infinity": "inf",
    "NaN": "nan",
    "NAN": "nan",
    "true": "True",
    "false": "False",
    "none": "None",
    "null": "None",
}
"""Constants by names that they have elsewhere."""


def hint(error: TextError, functions: Callable[[], Collection[str]]) -> str | None:
    """Return the hint for a text that is refused: the corrected expression where there is one."""
    if error.place is None or len(error.place.text) > MAX_CHARACTERS:
        return error.hint
    better = corrected(error, functions())
    if better and (meant := decimal_comma(better)):
        better = better.replace(meant.replace(".", ","), meant)
    return (better and _shown(error.place.text, better)) or _hint_for_module(error) or error.hint


def _hint_for_module(error: TextError) -> str | None:
    """Return the hint for ``np.log10``, a function of a module that is not among ours."""
    assert error.place is not None  # the caller saw to that
    text, start, _ = error.place
    head, found = re.search(r"\w+$", text[:start]), re.match(r"(?:\.\w+)*\.(\w+)", text[start:])
    if error.kind != "attribute" or not head or not found or head[0] not in MODULES:
        return None
    return _written(found[1]) or "dzviz ops lists all functions"


def corrected(error: TextError, functions: Collection[str]) -> str | None:
    """Return the whole text without its faults, or None when no repair leads to text that parses.

    >>> try:
    ...     syntax.read("2x^2 + sin x")
    ... except TextError as error:
    ...     corrected(error, {"sin"})
    '2*x**2 + sin(x)'
    """
    waiting, seen = [error], set[str]()
    while waiting and len(seen) < ATTEMPTS:
        still_wrong = []
        for text in repaired(waiting.pop(), functions):
            if text in seen:
                continue
            seen.add(text)
            try:
                better = _with_known_names(syntax.read(text), functions)
                if better is not None:
                    syntax.read(better)
                    return better
            except TextError as next_error:
                still_wrong.append(next_error)
        waiting += reversed(still_wrong)
    return None


def hint_for_function(
    program: syntax.Program, call: syntax.Mention, functions: Collection[str]
) -> str:
    """Return the hint for a call of a function that does not exist."""
    other = similar(call.name, functions)
    if other:
        return f"did you mean {other}?"
    if call.name in ("pow", "power"):
        return "powers are written x**2"
    if written := _written(call.name):
        return written
    if _is_factor(program, call):
        return f"if {call.name} is a factor, write {call.name}*(...)"
    return "dzviz ops lists all functions"


def hint_for_value(
    program: syntax.Program,
    missing: Sequence[str],
    functions: Collection[str],
    option: Callable[[str], str],
) -> str:
    """Return the hint for names without a value: another name, or the options to add."""
    name = missing[0]
    options = "add " + " ".join(option(name) for name in missing)
    if name in functions:
        return f"{name} is a function, as in {name}(x); for a variable with that name, {options}"
    other = VALUES.get(name) or (_with_pi(name) if "π" in name else None)
    if other:
        return f"did you mean {other}? If not, {options}"
    if any(statement.target == name for statement in program.statements):
        return f"{name} is used before it is assigned; move the assignment up, or {options}"
    return options


def hint_for_comma(text: str) -> str | None:
    """Ask whether a comma outside of brackets, as in ``0,5``, was meant to be a decimal point."""
    meant = decimal_comma(text)
    return meant and f"did you mean {meant}? '{meant.replace('.', ',')}' is two numbers"


def hint_for_arguments(name: str, source: str, usage: str) -> str:
    """Return the hint for a call with wrong arguments, of which ``source`` is the text."""
    if asked := hint_for_comma(source):
        return asked
    if name == "log" and "," in source:
        return "log(x) is the natural logarithm; base b: log(x)/log(b); base 2: log2(x)"
    return f"call it as {usage}"


def _written(name: str) -> str | None:
    """Say how a function that is not among ours is written."""
    formula = FORMULAS.get(NAMES.get(name.lower(), name.lower()))
    return formula and f"write {name}({'x, y' if 'y' in formula else 'x'}) as {formula}"


def _shown(text: str, better: str) -> str | None:
    """Say what to write: the whole text, or the one line of several that changes."""
    if not NEWLINE.search(better.strip()):
        return f"write {better.strip()}"
    old, new = NEWLINE.split(text), NEWLINE.split(better)
    same = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), 0)
    rest = len(new) - same - 1
    if new[same + 1 :] == old[len(old) - rest :]:
        return f"write line {same + 1} as {new[same].strip()}"
    return None


def _is_factor(program: syntax.Program, call: syntax.Mention) -> bool:
    """Whether ``x(y + 1)`` looks like a product: x is also a value, or is called like one."""
    is_value = any(call.name == mention.name for mention in program.free)
    return is_value or (len(call.name) == 1 and call.name not in "fgh")


def _multiplied(text: str, call: syntax.Mention) -> str:
    return text[: call.span[1]] + "*" + text[call.span[1] :].lstrip()


def _with_known_names(program: syntax.Program, functions: Collection[str]) -> str | None:
    """Return the text with unknown functions and π put right, or None where that fails."""
    text = program.text
    if any(mention.name in functions for mention in program.free):
        return None  # a function is no value: ``sin**2``
    for call in reversed(program.calls if functions else ()):
        other = similar(call.name, functions)
        if other:
            text = text[: call.span[0]] + other + text[call.span[1] :]
        elif _is_factor(program, call):
            text = _multiplied(text, call)
        else:
            return None
    parts = ((token.kind, text[token.start : token.end]) for token in lexemes(text))
    return "".join(_with_pi(part) if kind == "name" else part for kind, part in parts)


def _with_pi(name: str) -> str:
    """Return ``pi*r`` for the name πr."""
    return "*".join("pi" if part == "π" else part for part in name.partition("π") if part)
