# ruff: noqa: RUF001  Signs that are taken for others are what this module is about.
"""A fault in a text -> texts in which it may be repaired.

Knows how people write formulas elsewhere. It does not know the grammar: a repair may guess freely,
since only what parses is ever offered.
"""

from __future__ import annotations

import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from dzviz.language.tokens import TextError, Token, lexemes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

SPELLINGS: Final = {
    "^": "**",
    "===": "==",
    "!==": "!=",
    "<>": "!=",
    "=>": ">=",
    "=<": "<=",
    "is": "==",
    "×": "*",
    "·": "*",
    "\u0387": "*",
    "⋅": "*",
    "∙": "*",
    "•": "*",
    "∗": "*",
    "✕": "*",
    "✖": "*",
    "÷": "/",
    "∕": "/",
    "⁄": "/",
    "−": "-",
    "–": "-",
    "—": "-",
    "‐": "-",
    "‑": "-",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "∞": "inf",
    "½": "0.5",
    "¼": "0.25",
    "¾": "0.75",
    "、": ",",
    "【": "[",
    "】": "]",
    "“": "",
    "”": "",
    "„": "",
    "‘": "",
    "’": "",
    "«": "",
    "»": "",
}
"""What is written otherwise elsewhere, where one sign simply takes the place of another."""

NAMES: Final = {
    "acos": "arccos",
    "acosh": "arccosh",
    "arctg": "arctan",
    "asin": "arcsin",
    "asinh": "arcsinh",
    "atan": "arctan",
    "atan2": "arctan2",
    "atanh": "arctanh",
    "average": "mean",
    "avg": "mean",
    "bce": "binary_cross_entropy",
    "amax": "max",
    "amin": "min",
    "ch": "cosh",
    "concat": "concatenate",
    "fabs": "abs",
    "lg": "log10",
    "ln": "log",
    "log1": "log1p",
    "log_10": "log10",
    "log_2": "log2",
    "logistic": "sigmoid",
    "mse": "mean_squared_error",
    "product": "prod",
    "sgn": "sign",
    "sh": "sinh",
    "sqr": "square",
    "stddev": "std",
    "swish": "silu",
    "tg": "tan",
    "th": "tanh",
}
"""Functions by names that they have elsewhere."""

FORMULAS: Final = {
    "arccosh": "log(x + sqrt(x**2 - 1))",
    "arcsinh": "log(x + sqrt(x**2 + 1))",
    "arctanh": "log((1 + x)/(1 - x))/2",
    "cbrt": "sign(x)*abs(x)**(1/3)",
    "cosec": "1/sin(x)",
    "cot": "1/tan(x)",
    "coth": "1/tanh(x)",
    "csc": "1/sin(x)",
    "exp2": "2**x",
    "logit": "log(x/(1 - x))",
    "logsigmoid": "-softplus(-x)",
    "mae": "mean(abs(x - y))",
    "negative": "-x",
    "reciprocal": "1/x",
    "rsqrt": "1/sqrt(x)",
    "sec": "1/cos(x)",
    "sech": "1/cosh(x)",
}
"""Functions that there are elsewhere, and how they are written here."""

ABSENT: Final = frozenset({"erf", "factorial", "mod"})
"""Functions that there are elsewhere and not in NumPy's own names, and that no op here is like."""

MODULES: Final = frozenset({"F", "cp", "dezero", "jnp", "math", "np", "numpy", "tf", "torch"})
"""What a function is called on elsewhere without being its argument."""


def repaired(error: TextError, functions: Collection[str]) -> Iterator[str]:
    """Yield the texts that may be meant, the likeliest first."""
    assert error.place is not None  # an error of the text has a place
    text, start, end = error.place
    tokens = _significant(text)
    at = next((n for n, token in enumerate(tokens) if token.end > start), None)
    if at is None:
        return
    wrong = _Wrong(text, end, tokens, at, functions)
    for repair in REPAIRS.get(error.kind, ()):
        better = repair(wrong)
        if better is not None:
            yield better


def similar(name: str, functions: Collection[str], *, cutoff: float = 0.6) -> str | None:
    """Return the known function that a name stands for, if any."""
    from difflib import get_close_matches  # Only an error needs it.

    for other in (name, name.lower(), NAMES.get(name.lower())):
        if other in functions:
            return other
    if is_known(name.lower()):
        return None  # no slip of the hand: log10 is not log1p
    close = get_close_matches(name.lower(), sorted(functions), n=1, cutoff=cutoff)
    return close[0] if close and len(name) > 1 else None


def is_known(name: str) -> bool:
    """Whether a function of this name is a common one that is not among ours."""
    import numpy

    return name in FORMULAS or name in ABSENT or callable(getattr(numpy, name, None))


class _Wrong(NamedTuple):
    """A text and its fault: ``tokens[at]`` is the first token at fault."""

    text: str
    end: int
    tokens: list[Token]
    at: int
    functions: Collection[str]

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def before(self, distance: int = 1) -> Token:
        """Return an earlier token; blank where there is none."""
        index = self.at - distance
        return self.tokens[index] if index >= 0 else _NOTHING

    def after(self, distance: int = 1) -> Token:
        """Return a later token; blank where there is none."""
        index = self.at + distance
        return self.tokens[index] if index < len(self.tokens) else _NOTHING

    def source(self, first: int, last: int) -> str:
        """Return the text of the tokens ``first`` to ``last - 1``."""
        return (
            self.text[self.tokens[first].start : self.tokens[last - 1].end] if last > first else ""
        )

    def replaced(self, first: int, last: int, new: str) -> str:
        """Return the text with those tokens replaced."""
        start, end = self.tokens[first].start, self.tokens[last - 1].end
        return self.text[:start] + new + self.text[end:]


_NOTHING: Final = Token("blank", "", -1, -1)
_OPENERS: Final = {"(": ")", "[": "]"}
_CLOSERS: Final = {")": "(", "]": "["}
_ATOMS: Final = frozenset({"name", "number", "constant", "complex"})
_ENDS: Final = frozenset({";", "newline"})
_SEPARATORS: Final = _ENDS | {",", "=", ":"}


def _significant(text: str) -> list[Token]:
    """Return the tokens without blanks, and without newlines inside brackets."""
    tokens, depth = [], 0
    for token in lexemes(text):
        depth += (token.kind in _OPENERS) - (token.kind in _CLOSERS and depth > 0)
        if token.kind != "blank" and (token.kind != "newline" or not depth):
            tokens.append(token)
    return tokens


def _partner(tokens: Sequence[Token], at: int) -> int | None:
    """Return where the bracket at a place is closed, or was opened."""
    step = 1 if tokens[at].kind in _OPENERS else -1
    depth = 0
    index = at
    while 0 <= index < len(tokens):
        depth += (tokens[index].kind in _OPENERS) - (tokens[index].kind in _CLOSERS)
        if depth == 0:
            return index
        index += step
    return None


def _atom_end(tokens: Sequence[Token], at: int) -> int | None:
    """Return the end of the value that begins at a place: a name, a number, a call, brackets."""
    if at >= len(tokens):
        return None
    if tokens[at].kind in _OPENERS:
        closer = _partner(tokens, at)
        end = None if closer is None else closer + 1
    else:
        end = at + 1 if tokens[at].kind in _ATOMS else None
    while end is not None and end < len(tokens) and tokens[end].start == tokens[end - 1].end:
        if tokens[end].kind in _OPENERS and tokens[end - 1].kind != "number":
            closer = _partner(tokens, end)
            end = None if closer is None else closer + 1
        elif tokens[end].kind == "." and end + 1 < len(tokens):
            end += 2
        else:
            break
    return end


def _argument_end(wrong: _Wrong, at: int) -> int | None:
    """Return the end of a function's argument without brackets: ``2x`` in ``sin 2x + 1``."""
    tokens = wrong.tokens
    while at < len(tokens) and tokens[at].text in {"+", "-"}:
        at += 1
    end = _atom_end(tokens, at)
    while end is not None and end < len(tokens):
        if tokens[end].text == "**":
            end = _argument_end(wrong, end + 1)
        elif tokens[end].start == tokens[end - 1].end and tokens[end].kind in _ATOMS:
            end = _atom_end(tokens, end)
        elif tokens[end - 1].text in wrong.functions and tokens[end].kind in _ATOMS:
            end = _argument_end(wrong, end)
        else:
            break
    return end


def _atom_start(tokens: Sequence[Token], at: int) -> int | None:
    """Return the start of the value that ends at a place."""
    while True:
        if tokens[at].kind in _CLOSERS:
            opener = _partner(tokens, at)
            if opener is None:
                return None
            at = opener
            joined = at > 0 and tokens[at - 1].end == tokens[at].start
            if joined and tokens[at - 1].kind in {"name", ")", "]"}:
                at -= 1
                continue
        elif tokens[at].kind not in _ATOMS:
            return None
        if at > 1 and tokens[at - 1].kind == ".":
            at -= 2
            continue
        return at


def _stretch(tokens: Sequence[Token], at: int) -> tuple[int, int]:
    """Return the tokens around a place up to the next commas, brackets and statements."""
    first = last = at
    depth = 0
    while first > 0:
        kind = tokens[first - 1].kind
        depth += (kind in _CLOSERS) - (kind in _OPENERS)
        if depth < 0 or (not depth and kind in _SEPARATORS):
            break
        first -= 1
    depth = 0
    while last < len(tokens):
        kind = tokens[last].kind
        depth += (kind in _OPENERS) - (kind in _CLOSERS)
        if depth < 0 or (not depth and kind in _SEPARATORS):
            break
        last += 1
    return first, last


def _bracketed(wrong: _Wrong, first: int, last: int) -> str:
    """Return the text of some tokens, in brackets unless they are one value."""
    source = wrong.source(first, last)
    return source if _atom_end(wrong.tokens, first) == last else f"({source})"


def _respelled(wrong: _Wrong) -> str | None:
    """Write all signs plainly that only look different from what is meant."""
    parts = []
    for token in lexemes(wrong.text):
        plain = SPELLINGS.get(token.text) if token.kind in {"sign", "word", "strange"} else None
        if token.kind == "strange" and plain is None:
            plain = "".join(_plain(character) for character in token.text)
        parts.append(wrong.text[token.start : token.end] if plain is None else plain)
    better = "".join(parts)
    return better if better != wrong.text else None


def _plain(character: str) -> str:
    """Return what a full-width, invisible or otherwise unusual character stands for."""
    if _is_raised(character):
        return character
    if character.isspace():
        return " "
    if unicodedata.category(character) == "Cf":
        return ""
    digit = unicodedata.decimal(character, None)
    return unicodedata.normalize("NFKC", character) if digit is None else str(digit)


def _is_raised(character: str) -> bool:
    return len(character) == 1 and unicodedata.decomposition(character).startswith("<super>")


def _raised(wrong: _Wrong) -> str | None:
    """Turn ``x²`` into ``x**2`` and ``sin²(x)`` into ``sin(x)**2``."""
    last = wrong.at
    while last < len(wrong.tokens) and _is_raised(wrong.tokens[last].text):
        last += 1
    if last == wrong.at:
        return None
    raised = unicodedata.normalize("NFKC", "".join(t.text for t in wrong.tokens[wrong.at : last]))
    power = "**" + raised.replace("\u2212", "-")
    return _power_moved(wrong, wrong.at, last, power) or wrong.replaced(wrong.at, last, power)


def _power_moved(wrong: _Wrong, first: int, last: int, power: str) -> str | None:
    """Put a power behind the argument: ``sin**2 x`` becomes ``sin(x)**2``."""
    if first == 0 or wrong.tokens[first - 1].text not in wrong.functions:
        return None
    end = _atom_end(wrong.tokens, last)
    if end is None:
        return None
    argument = wrong.source(last, end)
    if wrong.tokens[last].kind != "(":
        argument = f"({argument})"
    return wrong.replaced(first, end, argument + power)


def _rooted(wrong: _Wrong) -> str | None:
    """Turn ``√x`` into ``sqrt(x)``."""
    end = _atom_end(wrong.tokens, wrong.at + 1)
    if wrong.token.text != "√" or end is None:
        return None
    argument = wrong.source(wrong.at + 1, end)
    if wrong.after().kind != "(":
        argument = f"({argument})"
    return wrong.replaced(wrong.at, end, "sqrt" + argument)


def _absolute(wrong: _Wrong) -> str | None:
    """Turn ``|x|`` into ``abs(x)``."""
    bars = [n for n, token in enumerate(wrong.tokens) if token.text == "|" and n > wrong.at]
    if wrong.token.text != "|" or not bars:
        return None
    if wrong.before().kind in {*_ATOMS, *_CLOSERS} and wrong.token.end < wrong.after().start:
        return None  # ``a | b | c`` means something else
    value = f"abs({wrong.source(wrong.at + 1, bars[0])})"
    if wrong.before().end == wrong.token.start and similar(wrong.before().text, wrong.functions):
        value = f"({value})"  # ln|x|
    return wrong.replaced(wrong.at, bars[0] + 1, value)


def _exponential(wrong: _Wrong) -> str | None:
    """Turn ``exp^x`` into ``exp(x)``."""
    if wrong.token.text != "^" or wrong.before().text != "exp" or "exp" not in wrong.functions:
        return None
    first = wrong.at + 1
    if wrong.after().text == "{":
        texts = [token.text for token in wrong.tokens]
        close = texts.index("}", first) if "}" in texts[first:] else first
        return wrong.replaced(wrong.at, close + 1, f"({wrong.source(first + 1, close)})")
    end = _argument_end(wrong, first)
    if end is None:
        return None
    whole = wrong.tokens[first].kind == "(" and _partner(wrong.tokens, first) == end - 1
    argument = wrong.source(first, end)
    return wrong.replaced(wrong.at, end, argument if whole else f"({argument})")


def _per_cent(wrong: _Wrong) -> str | None:
    """Turn ``5%`` into ``0.05``."""
    number = wrong.before()
    if (
        wrong.token.text != "%"
        or number.kind != "number"
        or "x" in number.text
        or wrong.after().kind in {*_ATOMS, "("}
    ):
        return None
    share = f"{float(number.text.replace('_', '')) / 100:.12g}"
    return wrong.replaced(wrong.at - 1, wrong.at + 1, share)


def _updated(wrong: _Wrong) -> str | None:
    """Turn ``a += b`` into ``a = a + b``, ``a := b`` into ``a = b``."""
    first, last = _stretch(wrong.tokens, wrong.at)
    if wrong.token.text == ":=" and (first == 0 or wrong.tokens[first - 1].kind in _ENDS):
        return wrong.replaced(wrong.at, wrong.at + 1, "=")
    operator = wrong.token.text.removesuffix("=")
    if operator == wrong.token.text or first != wrong.at - 1 or last == wrong.at + 1:
        return None
    name, value = wrong.before().text, _bracketed(wrong, wrong.at + 1, last)
    return wrong.replaced(first, last, f"{name} = {name} {operator} {value}")


def _both(wrong: _Wrong) -> str | None:
    """Turn ``a and b`` into ``(a) * (b)``, ``a or b`` into ``where(a, 1, b)``."""
    first, last = _stretch(wrong.tokens, wrong.at)
    if first == wrong.at or last == wrong.at + 1:
        return None
    if wrong.token.text in {"and", "&", "&&"}:
        left = _bracketed(wrong, first, wrong.at)
        right = _bracketed(wrong, wrong.at + 1, last)
        return wrong.replaced(first, last, f"{left} * {right}")
    if wrong.token.text in {"or", "|", "||"}:
        left, right = wrong.source(first, wrong.at), wrong.source(wrong.at + 1, last)
        return wrong.replaced(first, last, f"where({left}, 1, {right})")
    return None


def _opposite(wrong: _Wrong) -> str | None:
    """Turn ``not a`` into ``where(a, 0, 1)``."""
    _, last = _stretch(wrong.tokens, wrong.at)
    if wrong.token.text != "not" or last == wrong.at + 1:
        return None
    return wrong.replaced(wrong.at, last, f"where({wrong.source(wrong.at + 1, last)}, 0, 1)")


def _chosen(wrong: _Wrong) -> str | None:
    """Turn ``a if c else b`` into ``where(c, a, b)``."""
    first, last = _stretch(wrong.tokens, wrong.at)
    others = [n for n in range(wrong.at + 1, last) if wrong.tokens[n].text == "else"]
    if wrong.token.text != "if" or not others:
        return None
    value = wrong.source(first, wrong.at)
    condition = wrong.source(wrong.at + 1, others[0])
    other = wrong.source(others[0] + 1, last)
    return wrong.replaced(first, last, f"where({condition}, {value}, {other})")


def _body(wrong: _Wrong) -> str | None:
    """Turn ``lambda x: x**2`` and ``x -> x**2`` into ``x**2``."""
    if wrong.token.text == "->":
        first, _ = _stretch(wrong.tokens, wrong.at)
        return wrong.replaced(first, wrong.at + 1, "").lstrip()
    if wrong.token.text == "return":
        return wrong.replaced(wrong.at, wrong.at + 1, "").lstrip()
    colons = [n for n in range(wrong.at, len(wrong.tokens)) if wrong.tokens[n].kind == ":"]
    if wrong.token.text not in {"lambda", "def"} or not colons:
        return None
    return wrong.replaced(wrong.at, colons[0] + 1, "").lstrip()


def _without_import(wrong: _Wrong) -> str | None:
    if wrong.token.text not in {"import", "from"}:
        return None
    kinds = [token.kind for token in wrong.tokens]
    ends = [n for n in range(wrong.at, len(kinds)) if kinds[n] in _ENDS]
    return wrong.replaced(wrong.at, ends[0] + 1, "").lstrip() if ends else None


def _renamed(wrong: _Wrong) -> str | None:
    """Rename a word of Python's own that is used as a name: ``lam * x``, ``in_ + 1``."""
    word = wrong.token.text
    if wrong.before().kind in {*_ATOMS, *_CLOSERS} or wrong.after().kind in {*_ATOMS, *_OPENERS}:
        return None
    if wrong.after().kind == ":":
        return None
    name = "lam" if word == "lambda" else word + "_"
    parts = (name if token.text == word else token.text for token in lexemes(wrong.text))
    return "".join(parts)


def _unquoted(wrong: _Wrong) -> str | None:
    if wrong.token.text not in {"'", '"', "`", "$", "\\", "?"}:
        return None
    if wrong.before().end == wrong.token.start > 0 and wrong.token.text in {"'", '"'}:
        return None  # f"...", f'(x) and the like are not text in quotes
    return wrong.text.replace(wrong.token.text, "").strip()


def _unbraced(wrong: _Wrong) -> str | None:
    if wrong.token.text not in {"{", "}"} or "=" in wrong.text:  # as of a sum's limits
        return None
    return wrong.text.replace("{", "(").replace("}", ")")


def _listed(wrong: _Wrong) -> str | None:
    """Turn ``1 2 3``, as NumPy prints arrays, into ``[1, 2, 3]``."""
    first, last = _stretch(wrong.tokens, wrong.at)
    if any(token.kind != "number" for token in wrong.tokens[first:last]):
        return None
    numbers = ", ".join(token.text for token in wrong.tokens[first:last])
    within = first > 0 and wrong.tokens[first - 1].kind == "["
    return wrong.replaced(first, last, numbers if within else f"[{numbers}]")


def _applied(wrong: _Wrong) -> str | None:
    """Turn ``sin x`` into ``sin(x)``, ``sin**2 x`` into ``sin(x)**2``."""
    if wrong.before(2).text == "**":
        return _power_moved(wrong, wrong.at - 2, wrong.at, "**" + wrong.before().text)
    function = similar(wrong.before().text, wrong.functions, cutoff=0.8)
    end = _argument_end(wrong, wrong.at)
    if function is None or end is None or wrong.before().kind != "name":
        return None
    call = f"{function}({wrong.source(wrong.at, end)})"
    return wrong.replaced(wrong.at - 1, end, call)


def _times(wrong: _Wrong) -> str | None:
    """Turn ``2x`` into ``2*x``, ``(x+1) (x-1)`` into ``(x+1)*(x-1)``, ``a = 2 b = 3`` into two."""
    word = wrong.before()
    if word.kind == "name" and (wrong.after().kind == "=" or word.text in {*FORMULAS, *ABSENT}):
        return None
    sign = "; " if wrong.after().kind == "=" else "*"
    return wrong.text[: wrong.before().end] + sign + wrong.text[wrong.token.start :]


def _with_comma(wrong: _Wrong) -> str | None:
    return wrong.text[: wrong.before().end] + ", " + wrong.text[wrong.token.start :]


def _without_zeros(wrong: _Wrong) -> str | None:
    return wrong.replaced(wrong.at, wrong.at + 1, wrong.token.text.lstrip("0_"))


def _times_j(wrong: _Wrong) -> str | None:
    """Take ``2j`` for two times j."""
    word = wrong.token.text
    return wrong.replaced(wrong.at, wrong.at + 1, f"{word[:-1]}*{word[-1]}")


def _unchained(wrong: _Wrong) -> str | None:
    """Turn ``a < b < c`` into ``(a < b) * (b < c)``."""
    first, last = _stretch(wrong.tokens, wrong.at)
    depth, cuts = 0, []
    for index in range(first, last):
        kind = wrong.tokens[index].kind
        depth += (kind in _OPENERS) - (kind in _CLOSERS)
        if kind == "comparison" and not depth:
            cuts.append(index)
    edges = [first - 1, *cuts, last]
    parts = [wrong.source(a + 1, b) for a, b in pairwise(edges)]
    pairs = [
        f"({left} {wrong.tokens[cut].text} {right})"
        for left, cut, right in zip(parts, cuts, parts[1:], strict=False)
    ]
    return wrong.replaced(first, last, " * ".join(pairs))


def _without(wrong: _Wrong) -> str | None:
    """Leave the sign out that is at fault."""
    if wrong.token.kind == "." and wrong.at == 0:
        return None
    return (wrong.text[: wrong.token.start] + wrong.text[wrong.token.end :].lstrip(" ")).strip()


def _joined_lines(wrong: _Wrong) -> str | None:
    """Go on in the next line where one ends in an operator."""
    if wrong.after().kind != "newline" or wrong.token.kind == "=":
        return None
    return f"{wrong.text[: wrong.token.end]} {wrong.text[wrong.after().end :].lstrip()}"


def _joined(wrong: _Wrong) -> str | None:
    """Turn ``= =`` into ``==`` and ``* *`` into ``**``."""
    joined = wrong.token.text + wrong.after().text
    if joined not in {"**", "==", "<=", ">=", "==="}:
        return None
    return wrong.replaced(wrong.at, wrong.at + 2, joined)


def _assigned(wrong: _Wrong) -> str | None:
    """Find another use for ``=``: several assignments, a function's definition.

    In brackets it is a comparison; elsewhere it never is, since that would say something else.
    """
    tokens = wrong.tokens
    equals = next((n for n in range(wrong.at, len(tokens)) if tokens[n].kind == "="), None)
    if equals is None:
        return None
    first, _ = _stretch(tokens, equals)
    if first == equals:
        return wrong.replaced(equals, equals + 1, "").lstrip()
    if first == equals - 1 and first >= 2 and tokens[first - 1].kind == "=":
        _, last = _stretch(tokens, equals + 1)
        value, name = wrong.source(equals + 1, last), tokens[first].text
        new = f"{name} = {value}; {tokens[first - 2].text} = {name}"
        return wrong.replaced(first - 2, last, new)
    if first == equals - 1 and equals == wrong.at and first and tokens[first - 1].kind == ",":
        return wrong.replaced(first - 1, first, ";")
    within = first and tokens[first - 1].kind in _OPENERS
    if within:
        return wrong.replaced(equals, equals + 1, "==")
    if tokens[first].text not in wrong.functions and tokens[first + 1].kind == "(":
        return wrong.replaced(first, equals + 1, "").strip()
    return None


def _unpacked(wrong: _Wrong) -> str | None:
    """Turn ``a, b = 1, 2`` into ``a = 1; b = 2``."""
    sides = wrong.text.split("=")
    if len(sides) != 2 or wrong.token.start:
        return None
    names, values = (side.split(",") for side in sides)
    if len(names) != len(values) or len(names) < 2:
        return None
    pairs = zip(names, values, strict=True)
    return "; ".join(f"{name.strip()} = {value.strip()}" for name, value in pairs)


def _without_annotation(wrong: _Wrong) -> str | None:
    """Turn ``x: float = 3`` into ``x = 3``."""
    equals = [n for n in range(wrong.at, len(wrong.tokens)) if wrong.tokens[n].kind == "="]
    return wrong.replaced(wrong.at, equals[0], "") if equals else None


def _without_module(wrong: _Wrong) -> str | None:
    """Turn ``np.sin(x)`` and ``torch.special.sin(x)`` into ``sin(x)``, ``math.pi`` into ``pi``."""
    if wrong.before().text not in MODULES or wrong.before(2).kind == ".":
        return None
    name = wrong.at + 1
    while name + 2 < len(wrong.tokens) and wrong.tokens[name + 1].kind == ".":
        name += 2
    return wrong.replaced(wrong.at - 1, name, "") if name < len(wrong.tokens) else None


def _method(wrong: _Wrong) -> str | None:
    """Turn ``x.sum(0)`` into ``sum(x, 0)``, ``x.t`` into ``x.T``."""
    name, opener = wrong.after(), wrong.after(2)
    if name.text == "t" and opener.kind != "(":
        return wrong.replaced(wrong.at + 1, wrong.at + 2, "T")
    first = _atom_start(wrong.tokens, wrong.at - 1) if wrong.at else None
    if first is None or name.text not in wrong.functions or opener.kind != "(":
        return None
    if wrong.tokens[first].text in MODULES:
        return None
    value = wrong.source(first, wrong.at)
    comma = "" if wrong.after(3).kind == ")" else ", "
    return wrong.replaced(first, wrong.at + 3, f"{name.text}({value}{comma}")


def _closed(wrong: _Wrong) -> str | None:
    """Close what is open where its line ends."""
    tokens, still_open = _line_from(wrong.tokens, wrong.at), list[str]()
    for token in tokens:
        if token.kind in _OPENERS:
            still_open.append(_OPENERS[token.kind])
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


def _matched(wrong: _Wrong) -> str | None:
    """Give a bracket the partner that it needs."""
    new = _OPENERS.get(wrong.token.kind, "")
    return wrong.text[: wrong.end - 1] + new + wrong.text[wrong.end :]


def _rows(wrong: _Wrong) -> str | None:
    """Turn ``[1, 2; 3, 4]`` into ``[[1, 2], [3, 4]]``."""
    opener = next((n for n in range(wrong.at, -1, -1) if wrong.tokens[n].kind == "["), None)
    closer = None if opener is None else _partner(wrong.tokens, opener)
    if opener is None or closer is None:
        return None
    rows = wrong.source(opener + 1, closer).split(";")
    return wrong.replaced(opener, closer + 1, f"[[{'], ['.join(row.strip() for row in rows)}]]")


def decimal_comma(text: str) -> str | None:
    """Return the number with a point that the first ``0,5`` outside of brackets may stand for."""
    depth = 0
    for a, comma, b in zip(tokens := list(lexemes(text)), tokens[1:], tokens[2:], strict=False):
        depth += (a.kind in _OPENERS) - (a.kind in _CLOSERS)
        if comma.text == "," and not depth and a.text.isdecimal() and b.text.isdecimal():
            return f"{a.text}.{b.text}"
    return None


def _with_point(wrong: _Wrong) -> str | None:
    """Turn ``(0,5)`` and ``0,5`` into ``0.5``."""
    source = wrong.text[wrong.token.start : wrong.end]
    inner = source[1:-1] if source[:1] == "(" else source
    meant = decimal_comma(inner)
    if meant is None or inner.count(",") > 1:
        return None
    plain = inner.replace(meant.replace(".", ","), meant)
    new = plain if plain == meant or inner is source else f"({plain})"
    return wrong.text[: wrong.token.start] + new + wrong.text[wrong.end :]


def _as_list(wrong: _Wrong) -> str | None:
    """Turn ``(1, 2)`` into ``[1, 2]``."""
    source = wrong.text[wrong.token.start : wrong.end]
    if "," not in source:
        return None
    inner = source[1:-1] if source[0] == "(" else source
    return f"{wrong.text[: wrong.token.start]}[{inner}]{wrong.text[wrong.end :]}"


def _as_outputs(wrong: _Wrong) -> str | None:
    """Turn ``x + 1; y`` into ``x + 1, y``, ``x + 1; b = 2*x; b`` into ``b = 2*x; x + 1, b``."""
    tokens = wrong.tokens
    after = next((n for n in range(wrong.at, len(tokens)) if tokens[n].start >= wrong.end), None)
    starts = [n + 1 for n in range(after or 0, len(tokens) - 1) if tokens[n].kind in _ENDS]
    starts = [n for n in starts if tokens[n].kind not in _ENDS]
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


def _without_index(wrong: _Wrong) -> str | None:
    return wrong.replaced(wrong.at, wrong.at + 2, "")


REPAIRS: Final[dict[str, tuple[Callable[[_Wrong], str | None], ...]]] = {
    "attribute": (_without_module, _method),
    "chain": (_unchained,),
    "colon": (_without_annotation,),
    "comma": (_with_comma,),
    "complex": (_times_j,),
    "dangling": (_joined_lines, _without),
    "dot": (_without,),
    "equals": (_unpacked, _assigned),
    "extra": (_without,),
    "index": (_without_index,),
    "lonely": (_without,),
    "mismatch": (_matched,),
    "missing": (_listed, _applied, _times),
    "pair": (_joined,),
    "place": (_with_point, _as_list),
    "semicolon": (_rows,),
    "sign": (
        _exponential,
        _respelled,
        _absolute,
        _per_cent,
        _updated,
        _both,
        _body,
        _unquoted,
        _unbraced,
    ),
    "strange": (_raised, _rooted, _respelled),
    "unclosed": (_closed,),
    "unpack": (_without,),
    "unused": (_as_outputs,),
    "word": (_respelled, _both, _opposite, _chosen, _body, _without_import, _renamed),
    "zeros": (_without_zeros,),
}
"""For each kind of fault the repairs to try, the likeliest first."""
