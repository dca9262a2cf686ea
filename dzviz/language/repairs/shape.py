"""Repairs of what is missing, too much, or in another order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from dzviz.language.repairs.fault import (
    CLOSERS,
    ENDS,
    OPENERS,
    Wrong,
    argument_end,
    atom_start,
    partner,
    power_moved,
    stretch,
)
from dzviz.language.repairs.known import ABSENT, FORMULAS, MODULES, similar
from dzviz.language.tokens import Token, lexemes


def listed(wrong: Wrong) -> str | None:
    """Turn ``1 2 3``, as NumPy prints arrays, into ``[1, 2, 3]``."""
    first, last = stretch(wrong.tokens, wrong.at)
    if any(token.kind != "number" for token in wrong.tokens[first:last]):
        return None
    numbers = ", ".join(token.text for token in wrong.tokens[first:last])
    within = first > 0 and wrong.tokens[first - 1].kind == "["
    return wrong.replaced(first, last, numbers if within else f"[{numbers}]")


def applied(wrong: Wrong) -> str | None:
    """Turn ``sin x`` into ``sin(x)``, ``sin**2 x`` into ``sin(x)**2``."""
    if wrong.before(2).text == "**":
        return power_moved(wrong, wrong.at - 2, wrong.at, "**" + wrong.before().text)
    function = similar(wrong.before().text, wrong.functions, cutoff=0.8)
    end = argument_end(wrong, wrong.at)
    if function is None or end is None or wrong.before().kind != "name":
        return None
    call = f"{function}({wrong.source(wrong.at, end)})"
    return wrong.replaced(wrong.at - 1, end, call)


def times(wrong: Wrong) -> str | None:
    """Turn ``2x`` into ``2*x``, ``(x+1) (x-1)`` into ``(x+1)*(x-1)``, ``a = 2 b = 3`` into two."""
    word = wrong.before()
    if word.kind == "name" and (wrong.after().kind == "=" or word.text in {*FORMULAS, *ABSENT}):
        return None
    sign = "; " if wrong.after().kind == "=" else "*"
    return wrong.text[: wrong.before().end] + sign + wrong.text[wrong.token.start :]


def with_comma(wrong: Wrong) -> str | None:
    """Write a comma between two values."""
    return wrong.text[: wrong.before().end] + ", " + wrong.text[wrong.token.start :]


def without_zeros(wrong: Wrong) -> str | None:
    """Write a number without the zeros before it."""
    return wrong.replaced(wrong.at, wrong.at + 1, wrong.token.text.lstrip("0_"))


def times_j(wrong: Wrong) -> str | None:
    """Take ``2j`` for two times j."""
    word = wrong.token.text
    return wrong.replaced(wrong.at, wrong.at + 1, f"{word[:-1]}*{word[-1]}")


def unchained(wrong: Wrong) -> str | None:
    """Turn ``a < b < c`` into ``(a < b) * (b < c)``."""
    first, last = stretch(wrong.tokens, wrong.at)
    depth, cuts = 0, []
    for index in range(first, last):
        kind = wrong.tokens[index].kind
        depth += (kind in OPENERS) - (kind in CLOSERS)
        if kind == "comparison" and not depth:
            cuts.append(index)
    edges = [first - 1, *cuts, last]
    parts = [wrong.source(a + 1, b) for a, b in pairwise(edges)]
    pairs = [
        f"({left} {wrong.tokens[cut].text} {right})"
        for left, cut, right in zip(parts, cuts, parts[1:], strict=False)
    ]
    return wrong.replaced(first, last, " * ".join(pairs))


def without(wrong: Wrong) -> str | None:
    """Leave the sign out that is at fault."""
    if wrong.token.kind == "." and wrong.at == 0:
        return None
    return (wrong.text[: wrong.token.start] + wrong.text[wrong.token.end :].lstrip(" ")).strip()


def joined_lines(wrong: Wrong) -> str | None:
    """Go on in the next line where one ends in an operator."""
    if wrong.after().kind != "newline" or wrong.token.kind == "=":
        return None
    return f"{wrong.text[: wrong.token.end]} {wrong.text[wrong.after().end :].lstrip()}"


def joined(wrong: Wrong) -> str | None:
    """Turn ``= =`` into ``==`` and ``* *`` into ``**``."""
    joined = wrong.token.text + wrong.after().text
    if joined not in {"**", "==", "<=", ">=", "==="}:
        return None
    return wrong.replaced(wrong.at, wrong.at + 2, joined)


def assigned(wrong: Wrong) -> str | None:
    """Find another use for ``=``: several assignments, a function's definition.

    In brackets it is a comparison; elsewhere it never is, since that would say something else.
    """
    tokens = wrong.tokens
    equals = next((n for n in range(wrong.at, len(tokens)) if tokens[n].kind == "="), None)
    if equals is None:
        return None
    first, _ = stretch(tokens, equals)
    if first == equals:
        return wrong.replaced(equals, equals + 1, "").lstrip()
    if first == equals - 1 and first >= 2 and tokens[first - 1].kind == "=":
        _, last = stretch(tokens, equals + 1)
        value, name = wrong.source(equals + 1, last), tokens[first].text
        new = f"{name} = {value}; {tokens[first - 2].text} = {name}"
        return wrong.replaced(first - 2, last, new)
    if first == equals - 1 and equals == wrong.at and first and tokens[first - 1].kind == ",":
        return wrong.replaced(first - 1, first, ";")
    within = first and tokens[first - 1].kind in OPENERS
    if within:
        return wrong.replaced(equals, equals + 1, "==")
    if tokens[first].text not in wrong.functions and tokens[first + 1].kind == "(":
        return wrong.replaced(first, equals + 1, "").strip()
    return None


def unpacked(wrong: Wrong) -> str | None:
    """Turn ``a, b = 1, 2`` into ``a = 1; b = 2``."""
    sides = wrong.text.split("=")
    if len(sides) != 2 or wrong.token.start:
        return None
    names, values = (side.split(",") for side in sides)
    if len(names) != len(values) or len(names) < 2:
        return None
    pairs = zip(names, values, strict=True)
    return "; ".join(f"{name.strip()} = {value.strip()}" for name, value in pairs)


def without_annotation(wrong: Wrong) -> str | None:
    """Turn ``x: float = 3`` into ``x = 3``."""
    equals = [n for n in range(wrong.at, len(wrong.tokens)) if wrong.tokens[n].kind == "="]
    return wrong.replaced(wrong.at, equals[0], "") if equals else None


def without_module(wrong: Wrong) -> str | None:
    """Turn ``np.sin(x)`` and ``torch.special.sin(x)`` into ``sin(x)``, ``math.pi`` into ``pi``."""
    if wrong.before().text not in MODULES or wrong.before(2).kind == ".":
        return None
    name = wrong.at + 1
    while name + 2 < len(wrong.tokens) and wrong.tokens[name + 1].kind == ".":
        name += 2
    return wrong.replaced(wrong.at - 1, name, "") if name < len(wrong.tokens) else None


def method(wrong: Wrong) -> str | None:
    """Turn ``x.sum(0)`` into ``sum(x, 0)``, ``x.t`` into ``x.T``."""
    name, opener = wrong.after(), wrong.after(2)
    if name.text == "t" and opener.kind != "(":
        return wrong.replaced(wrong.at + 1, wrong.at + 2, "T")
    first = atom_start(wrong.tokens, wrong.at - 1) if wrong.at else None
    if first is None or name.text not in wrong.functions or opener.kind != "(":
        return None
    if wrong.tokens[first].text in MODULES:
        return None
    value = wrong.source(first, wrong.at)
    comma = "" if wrong.after(3).kind == ")" else ", "
    return wrong.replaced(first, wrong.at + 3, f"{name.text}({value}{comma}")


def closed(wrong: Wrong) -> str | None:
    """Close what is open where its line ends."""
    tokens, still_open = _line_from(wrong.tokens, wrong.at), list[str]()
    for token in tokens:
        if token.kind in OPENERS:
            still_open.append(OPENERS[token.kind])
        elif still_open and token.kind == still_open[-1]:
            still_open.pop()
    end = tokens[-1].end
    return wrong.text[:end] + "".join(reversed(still_open)) + wrong.text[end:]


def _line_from(tokens: Sequence[Token], at: int) -> Sequence[Token]:
    """Return the tokens up to the first that stands alone like a new statement, or to the end."""
    for index in range(at + 1, len(tokens) - 1):
        if tokens[index].kind == ";" or tokens[index + 1].kind == "=":
            return tokens[at:index]
    return tokens[at:]


def matched(wrong: Wrong) -> str | None:
    """Give a bracket the partner that it needs."""
    new = OPENERS.get(wrong.token.kind, "")
    return wrong.text[: wrong.end - 1] + new + wrong.text[wrong.end :]


def rows(wrong: Wrong) -> str | None:
    """Turn ``[1, 2; 3, 4]`` into ``[[1, 2], [3, 4]]``."""
    opener = next((n for n in range(wrong.at, -1, -1) if wrong.tokens[n].kind == "["), None)
    closer = None if opener is None else partner(wrong.tokens, opener)
    if opener is None or closer is None:
        return None
    rows = wrong.source(opener + 1, closer).split(";")
    return wrong.replaced(opener, closer + 1, f"[[{'], ['.join(row.strip() for row in rows)}]]")


def decimal_comma(text: str) -> str | None:
    """Return the number with a point that the first ``0,5`` outside of brackets may stand for."""
    depth = 0
    for a, comma, b in zip(tokens := list(lexemes(text)), tokens[1:], tokens[2:], strict=False):
        depth += (a.kind in OPENERS) - (a.kind in CLOSERS)
        if comma.text == "," and not depth and a.text.isdecimal() and b.text.isdecimal():
            return f"{a.text}.{b.text}"
    return None


def with_point(wrong: Wrong) -> str | None:
    """Turn ``(0,5)`` and ``0,5`` into ``0.5``."""
    source = wrong.text[wrong.token.start : wrong.end]
    inner = source[1:-1] if source[:1] == "(" else source
    meant = decimal_comma(inner)
    if meant is None or inner.count(",") > 1:
        return None
    plain = inner.replace(meant.replace(".", ","), meant)
    new = plain if plain == meant or inner is source else f"({plain})"
    return wrong.text[: wrong.token.start] + new + wrong.text[wrong.end :]


def as_list(wrong: Wrong) -> str | None:
    """Turn ``(1, 2)`` into ``[1, 2]``."""
    source = wrong.text[wrong.token.start : wrong.end]
    if "," not in source:
        return None
    inner = source[1:-1] if source[0] == "(" else source
    return f"{wrong.text[: wrong.token.start]}[{inner}]{wrong.text[wrong.end :]}"


def as_outputs(wrong: Wrong) -> str | None:
    """Turn ``x + 1; y`` into ``x + 1, y``, ``x + 1; b = 2*x; b`` into ``b = 2*x; x + 1, b``."""
    tokens = wrong.tokens
    after = next((n for n in range(wrong.at, len(tokens)) if tokens[n].start >= wrong.end), None)
    starts = [n + 1 for n in range(after or 0, len(tokens) - 1) if tokens[n].kind in ENDS]
    starts = [n for n in starts if tokens[n].kind not in ENDS]
    if after is None or not starts:
        return None
    if any(token.kind == "comparison" for token in tokens[wrong.at : after]):
        return None  # ``a <- 2`` gives a name its value elsewhere
    value = wrong.text[tokens[wrong.at].start : wrong.end]
    begin, behind, last = (tokens[n].start for n in (wrong.at, starts[0], starts[-1]))
    assigned = {tokens[n].text for n in starts if _is_assignment(tokens, n)}
    if not assigned:
        return f"{wrong.text[: wrong.end]}, {wrong.text[behind:]}"
    if _is_assignment(tokens, starts[-1]) or assigned & {t.text for t in tokens[wrong.at : after]}:
        return None  # there is no output to stand beside, or it would be another value there
    return f"{wrong.text[:begin]}{wrong.text[behind:last]}{value}, {wrong.text[last:]}"


def _is_assignment(tokens: Sequence[Token], at: int) -> bool:
    return at + 1 < len(tokens) and tokens[at + 1].kind == "="


def without_index(wrong: Wrong) -> str | None:
    """Leave out the index at fault."""
    return wrong.replaced(wrong.at, wrong.at + 2, "")
