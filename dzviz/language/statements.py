"""Tokens -> statements, each token in a place where it may stand; others are refused by name.

Knows brackets and what may follow what. It does not know precedence, trees, or which functions
exist.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final, NoReturn

from dzviz.language.tokens import (
    ADVICE,
    MAX_CHARACTERS,
    REFUSED_SIGNS,
    REFUSED_WORDS,
    TextError,
    Token,
    check_nesting,
    check_nodes,
    lexemes,
)


def statements(text: str) -> list[list[Token]]:
    """Return the tokens of each statement; what is returned is sure to be parsed in small space."""
    if len(text) > MAX_CHARACTERS:
        raise TextError(
            "limit",
            f"the expression has {len(text)} characters; at most {MAX_CHARACTERS} are allowed",
            text,
            MAX_CHARACTERS,
            MAX_CHARACTERS + 1,
        )
    return _Checker(text).check()


_ENDS: Final = frozenset({"name", "number", "constant", "text", "attribute", ")", "]", "..."})
_DANGLING: Final = frozenset({"operator", "comparison", "=", "."})
_CLOSER: Final = {"(": ")", "[": "]"}


class _Level:
    """What stands between one pair of brackets, or the whole statement."""

    pending: int = 0  # signs and powers that still wait for their operand's end
    compared: bool = False
    colons: int = 0
    first: Token | None = None  # of the piece between two commas
    named: bool = False  # this piece is a named argument
    after_named: bool = False

    def __init__(self, role: str, opener: Token | None = None) -> None:
        self.role = role  # statement, group, call, list or index
        self.opener = opener


class _Checker:
    """The state while tokens are admitted one by one, left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.statements: list[list[Token]] = []
        self.tokens: list[Token] = []
        self.levels = [_Level("statement")]
        self.depth = 0
        self.nodes = 0
        self.closed = ""  # the role of the brackets that closed last
        self.line_broken = False  # since the previous token, inside brackets
        self.rules: dict[str, Callable[[Token], None]] = {
            "name": self.name,
            "constant": self.operand,
            "number": self.number,
            "text": self.operand,
            "...": self.operand,
            "operator": self.operator,
            "comparison": self.comparison,
            "(": self.parenthesis,
            "[": self.bracket,
            ")": self.close,
            "]": self.close,
            ",": self.comma,
            ":": self.colon,
            "=": self.equals,
            ".": self.dot,
            ";": self.semicolon,
            "complex": self.complex,
            "word": self.word,
            "sign": self.sign,
            "strange": self.strange,
        }

    def check(self) -> list[list[Token]]:
        for token in lexemes(self.text):
            if token.kind == "newline":
                self.line_broken = True
                if len(self.levels) == 1:
                    self.end_statement()
            elif token.kind != "blank":
                if self.after(".") and token.kind != "name":
                    self.refuse("dot", "a name is missing after '.'", self.tokens[-1])
                self.rules[token.kind](token)
                self.line_broken = False
        if len(self.levels) > 1:
            self.refuse_unclosed()
        self.end_statement()
        return self.statements

    # What a token is allowed to follow.

    def name(self, token: Token) -> None:
        if not self.after("."):
            self.operand(token)
        elif token.text == "T":
            self.admit(token._replace(kind="attribute"))
        else:
            message = f"the attribute '.{_short(token.text)}' is not part of the language"
            hint = "the only attribute is '.T': x.T transposes"
            self.refuse("attribute", message, self.tokens[-1], token, hint=hint)

    def number(self, token: Token) -> None:
        if re.fullmatch(r"0[0-9_]*[1-9][0-9_]*", token.text):
            self.refuse("zeros", f"the number '{_short(token.text)}' begins with 0", token)
        self.operand(token)

    def operand(self, token: Token) -> None:
        if self.ended():
            self.refuse_missing(token)
        self.admit(token)

    def operator(self, token: Token) -> None:
        level = self.levels[-1]
        if not self.ended() and token.text not in {"+", "-"}:
            self.refuse_lonely(token)
        if not self.ended() or token.text == "**":
            level.pending += 1
            self.deepen(token)
        else:
            self.settle(level)
        self.admit(token)

    def comparison(self, token: Token) -> None:
        level = self.levels[-1]
        if not self.ended():
            self.refuse_lonely(token)
        if level.compared:
            message = f"a chained comparison ('{token.text}') is not part of the language"
            hint = "compare twice and multiply: (a < b) * (b < c)"
            self.refuse("chain", message, token, hint=hint)
        level.compared = True
        self.settle(level)
        self.admit(token)

    def parenthesis(self, token: Token) -> None:
        if self.ended() and not self.after("name"):
            self.refuse_missing(token)
        self.open(token, "call" if self.ended() else "group")

    def bracket(self, token: Token) -> None:
        if self.after("number", "constant", "..."):
            self.refuse_missing(token)
        # Two lists side by side, as NumPy prints the rows of a matrix, are not an index.
        if self.after("]") and self.closed == "list" and self.tokens[-1].end < token.start:
            self.refuse("comma", "a comma is missing before '['", token)
        self.open(token, "index" if self.ended() else "list")

    def close(self, token: Token) -> None:
        level = self.levels[-1]
        if level.opener is None:
            self.refuse("extra", f"'{token.text}' closes nothing", token)
        if _CLOSER[level.opener.text] != token.text:
            message = f"'{token.text}' cannot close '{level.opener.text}'"
            self.refuse("mismatch", message, level.opener, token)
        self.refuse_dangling()
        if level.role == "index" and self.tokens[-1] is level.opener:
            self.refuse("index", "the index is empty", level.opener, token)
        self.end_piece(level)
        self.levels.pop()
        self.depth -= 1
        self.closed = level.role
        self.admit(token)

    def comma(self, token: Token) -> None:
        self.refuse_dangling()
        if not self.ended() and not self.after(":"):
            self.refuse("lonely", "there is nothing before ','", token)
        self.end_piece(self.levels[-1])
        self.tokens.append(token)

    def colon(self, token: Token) -> None:
        level = self.levels[-1]
        if level.role != "index":
            message = "':' is only for slices, as in x[1:3]"
            self.refuse("colon", message, token)
        self.refuse_dangling()
        level.colons += 1
        if level.colons > 2:
            self.refuse("colon", "a slice has at most two ':' (start:stop:step)", token)
        level.compared = False
        self.settle(level)
        self.admit(token)

    def equals(self, token: Token) -> None:
        level = self.levels[-1]
        if self.after("name") and self.tokens[-1] is level.first and not level.named:
            if level.role == "call":
                level.named = True
            if level.role == "call" or (level.role == "statement" and len(self.tokens) == 1):
                self.nodes -= 1
                self.tokens.append(token)
                return
        self.refuse_equals(token, level)

    def dot(self, token: Token) -> None:
        if not self.ended():
            self.refuse_lonely(token)
        self.tokens.append(token)

    def semicolon(self, token: Token) -> None:
        if len(self.levels) > 1:
            self.refuse_unclosed_before(token)
            self.refuse("semicolon", "';' is not allowed inside brackets", token)
        self.end_statement()

    # What is never allowed.

    def complex(self, token: Token) -> None:
        message = f"the complex number '{_short(token.text)}' is not part of the language"
        self.refuse("complex", message, token)

    def word(self, token: Token) -> None:
        message = f"{REFUSED_WORDS[token.text]} ('{token.text}') is not part of the language"
        self.refuse("word", message, token, hint=ADVICE.get(token.text))

    def sign(self, token: Token) -> None:
        message = f"{REFUSED_SIGNS[token.text]} ('{token.text}') is not part of the language"
        self.refuse("sign", message, token, hint=ADVICE.get(token.text))

    def strange(self, token: Token) -> None:
        message = f"{_describe(token.text)} is not part of the language"
        self.refuse("strange", message, token)

    # The state.

    def after(self, *kinds: str) -> bool:
        return bool(self.tokens) and self.tokens[-1].kind in kinds

    def ended(self) -> bool:
        """Whether the previous token ends an operand."""
        return self.after(*_ENDS)

    def admit(self, token: Token) -> None:
        level = self.levels[-1]
        if level.first is None:
            level.first = token
        if token.kind in {"name", "number", "attribute", "operator", "comparison", "["}:
            self.nodes += 1  # each is at least one node of the tree to come
            check_nodes(self.nodes, self.text, token.start, token.end)
        self.tokens.append(token)

    def open(self, token: Token, role: str) -> None:
        self.deepen(token)
        self.admit(token)
        self.levels.append(_Level(role, token))

    def deepen(self, token: Token) -> None:
        self.depth += 1
        check_nesting(self.depth, self.text, token.start, token.end)

    def settle(self, level: _Level) -> None:
        self.depth -= level.pending
        level.pending = 0

    def end_piece(self, level: _Level) -> None:
        if level.after_named and not level.named and level.first is not None:
            message = "an argument without a name follows one with a name"
            self.refuse("argument", message, level.first, self.tokens[-1])
        self.settle(level)
        level.after_named |= level.named
        level.named = level.compared = False
        level.colons = 0
        level.first = None

    def end_statement(self) -> None:
        self.refuse_dangling()
        if self.tokens:
            self.statements.append(self.tokens)
        self.tokens = []
        self.end_piece(self.levels[-1])

    # The faults that need a look around.

    def refuse(
        self,
        kind: str,
        message: str,
        first: Token,
        last: Token | None = None,
        *,
        hint: str | None = None,
    ) -> NoReturn:
        end = (last or first).end
        raise TextError(kind, message, self.text, first.start, end, hint=hint)

    def refuse_missing(self, token: Token) -> NoReturn:
        self.refuse_unclosed_before(token)
        joined = self.after("number") and self.tokens[-1].end == token.start
        if joined and token.text[0] in "_.0123456789":
            written = self.text[self.tokens[-1].start : token.end]
            message = f"'{_short(written)}' is not a number"
            self.refuse("number", message, self.tokens[-1], token)
        what = "an operator or a bracket" if self.after("name") else "an operator"
        self.refuse("missing", f"{what} is missing before '{_short(token.text)}'", token)

    def refuse_lonely(self, token: Token) -> NoReturn:
        if token.text in {"*", "**"} and (self.after("(", "[", ",") or not self.tokens):
            message = f"'{token.text}' before a value (unpacking) is not part of the language"
            self.refuse("unpack", message, token)
        if self.after("operator", "comparison", "="):
            message = f"'{token.text}' cannot follow '{self.tokens[-1].text}'"
            self.refuse("pair", message, self.tokens[-1], token)
        self.refuse("lonely", f"there is nothing before '{token.text}'", token)

    def refuse_dangling(self) -> None:
        if self.after(*_DANGLING):
            token = self.tokens[-1]
            self.refuse("dangling", f"there is nothing after '{token.text}'", token)

    def refuse_equals(self, token: Token, level: _Level) -> NoReturn:
        self.refuse_unclosed_before(token)
        if not self.tokens:
            self.refuse("equals", "there is no name before '='", token)
        if self.after("=", "comparison", "operator"):
            message = f"'=' cannot follow '{self.tokens[-1].text}'"
            self.refuse("pair", message, self.tokens[-1], token)
        if level.role != "statement":
            self.refuse("equals", "'=' is not allowed here; '==' compares", token)
        if self.tokens[1:2] and self.tokens[1].kind == "=":
            self.refuse("equals", "a second '=': one name is assigned at a time", token)
        if self.after("]") and self.closed == "index" and self.tokens[0].kind == "name":
            name, _, *key = (self.text[t.start : t.end] for t in self.tokens)
            message = f"'{name}' cannot be assigned to: a computed value does not change"
            hint = f"to get a new array, write {_replaced(name, ''.join(key[:-1]))}"
            self.refuse("assignment", message, self.tokens[0], self.tokens[-1], hint=hint)
        message = "only a single name is allowed before '='"
        hint = "'y = sin(x)' names a value; '==' compares"
        self.refuse("equals", message, self.tokens[0], self.tokens[-1], hint=hint)

    def refuse_unclosed(self) -> NoReturn:
        opener = self.levels[-1].opener
        assert opener is not None  # only the outermost level has none
        self.refuse("unclosed", f"'{opener.text}' is never closed", opener)

    def refuse_unclosed_before(self, token: Token) -> None:
        """Blame the opening bracket when a later line shows that it was forgotten."""
        opener = self.levels[-1].opener
        if opener is not None and (self.line_broken or token.kind in {";", "="}):
            rest = self.text[opener.start :]
            if rest.count(opener.text) > rest.count(_CLOSER[opener.text]):
                self.refuse_unclosed()


def _replaced(name: str, key: str) -> str:
    """Write an array with another element, or row, in the place of the one at ``key``."""
    if not re.fullmatch(r"-?[0-9]{1,9}", key):
        return f"{name} = where(mask, value, {name}), mask 1 at the value"
    index = int(key)
    parts = [f"{name}[:{index}]"] * (index != 0) + ["[value]"]
    parts += [f"{name}[{index + 1}:]"] * (index != -1)
    return f"{name} = concatenate([{', '.join(parts)}])"


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."


def _describe(written: str) -> str:
    if len(written) > 1:
        return f"'{_short(written)}' in other letters"
    code = f"U+{ord(written):04X}"
    category = unicodedata.category(written)
    if category == "Cs":
        return f"a byte that is not UTF-8 text ({code})"
    name = unicodedata.name(written, "").lower()
    if category[0] in "CZ":
        kind = "a space of another kind" if category == "Zs" else "an invisible character"
        return f"{kind} ({name + ', ' if name else ''}{code})"
    return f"the character '{written}' ({name or code})"
