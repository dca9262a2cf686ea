"""Text -> tokens, each in a place where it may stand; anything else is refused by name.

Knows characters, brackets, what may follow what, and the limits that must hold before a parser
runs. It does not know precedence, trees, or which functions exist.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from dzviz.errors import ExpressionError, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_CHARACTERS: Final = 10_000
MAX_NODES: Final = 2_000
MAX_NESTING: Final = 100

NEWLINE: Final = re.compile(r"\r\n|\r|\n")

OPERATORS: Final = frozenset({"+", "-", "*", "/", "**", "@"})
COMPARISONS: Final = frozenset({"<", "<=", ">", ">=", "==", "!="})
PUNCTUATION: Final = frozenset({"(", ")", "[", "]", ",", ":", ";", "=", ".", "..."})
KEYWORD_CONSTANTS: Final = frozenset({"True", "False", "None"})

REFUSED_SIGNS: Final = {
    "^": "the power sign",
    "%": "the remainder",
    "//": "floor division",
    "&": "the bit operation",
    "|": "the bar",
    "~": "the bit operation",
    "<<": "the bit shift",
    ">>": "the bit shift",
    "&&": "the logical operation",
    "||": "the double bar",
    ":=": "naming inside an expression",
    "+=": "changing a name in place",
    "-=": "changing a name in place",
    "*=": "changing a name in place",
    "/=": "changing a name in place",
    "//=": "changing a name in place",
    "**=": "changing a name in place",
    "@=": "changing a name in place",
    "%=": "changing a name in place",
    "&=": "changing a name in place",
    "|=": "changing a name in place",
    "^=": "changing a name in place",
    "<<=": "changing a name in place",
    ">>=": "changing a name in place",
    "===": "the comparison",
    "!==": "the comparison",
    "=>": "the comparison",
    "=<": "the comparison",
    "<>": "the comparison",
    "->": "the arrow",
    "!": "the exclamation mark",
    "?": "the question mark",
    "$": "the dollar sign",
    "\\": "the backslash",
    "{": "the brace",
    "}": "the brace",
    "'": "the quotation mark",
    '"': "the quotation mark",
    "`": "the backquote",
}

REFUSED_WORDS: Final = {
    "and": "the logical operation",
    "or": "the logical operation",
    "not": "the logical operation",
    "is": "the comparison",
    "in": "the membership test",
    "if": "a condition",
    "else": "a condition",
    "elif": "a condition",
    "for": "a loop",
    "while": "a loop",
    "break": "a loop",
    "continue": "a loop",
    "lambda": "a function of one's own",
    "def": "a function of one's own",
    "return": "a function of one's own",
    "yield": "a function of one's own",
    "async": "a function of one's own",
    "await": "a function of one's own",
    "class": "a class of one's own",
    "import": "an import",
    "from": "an import",
    "with": "a statement",
    "as": "a statement",
    "try": "a statement",
    "except": "a statement",
    "finally": "a statement",
    "raise": "a statement",
    "assert": "a statement",
    "del": "a statement",
    "global": "a statement",
    "nonlocal": "a statement",
    "pass": "a statement",
}

ADVICE: Final = {
    "//": "floor division has no useful gradient; '/' divides",
    "%": "a remainder has no rule here; five per cent is 0.05",
    "!": "there is no factorial; prod([1, 2, 3]) multiplies numbers",
    "&": "where both must hold, multiply: (a < b) * (b < c)",
    "&&": "where both must hold, multiply: (a < b) * (b < c)",
    "and": "where both must hold, multiply: (a < b) * (b < c)",
    "or": "where one must hold: where(a, 1, b)",
    "not": "the opposite of a: where(a, 0, 1)",
    "if": "where(condition, a, b) chooses between two values",
    "else": "where(condition, a, b) chooses between two values",
    "for": "operations work on whole arrays: sum(x**2)",
    "while": "operations work on whole arrays: sum(x**2)",
    "lambda": "write the formula alone: x**2",
    "def": "write the formula alone: x**2",
}


class TextError(ExpressionError):
    """An error of the text; ``kind`` says which, so that a repair can be looked up."""

    def __init__(
        self, kind: str, message: str, text: str, start: int, end: int, *, hint: str | None = None
    ) -> None:
        super().__init__(message, place=Place(text, start, end), hint=hint)
        self.kind = kind


class Token(NamedTuple):
    """One token; names are NFKC-normalised, all other text is the user's.

    ``kind`` is ``name``, ``constant`` (True, False, None), ``number``, ``complex``, ``text`` (in
    quotation marks, where a function takes it), ``operator``, ``comparison``, ``blank``,
    ``newline``, ``word``, ``sign`` or ``strange`` (the last three are never allowed), and for
    punctuation the mark itself.
    """

    kind: str
    text: str
    start: int
    end: int


def lexemes(text: str) -> Iterator[Token]:
    """Cut any text at all into tokens, without judging them."""
    position = 0
    while position < len(text):
        match = _LEXEME.match(text, position)
        assert match is not None  # the last alternative takes any character
        kind, end = str(match.lastgroup), match.end()
        if kind == "name":
            end = _name_end(text, position, end)
            kind = "name" if end > position else "strange"
            end = max(end, position + 1)
        word = text[position:end]
        if kind == "name":
            kind, word = _word(word)
        elif kind == "mark":
            kind = _MARK_KINDS.get(word, "sign")
        yield Token(kind, word, position, end)
        position = end


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


def check_nodes(count: int, text: str, start: int, end: int) -> None:
    """Refuse more than ``MAX_NODES`` syntax nodes."""
    if count > MAX_NODES:
        message = f"the expression has more than {MAX_NODES} syntax nodes"
        raise TextError("limit", message, text, start, end)


def check_nesting(depth: int, text: str, start: int, end: int) -> None:
    """Refuse what stands more than ``MAX_NESTING`` deep."""
    if depth > MAX_NESTING:
        message = f"the expression is nested more than {MAX_NESTING} deep"
        raise TextError("limit", message, text, start, end)


_DIGITS: Final = r"[0-9](?:_?[0-9])*"
# Letters, digits, "_" and all that is not ASCII, written as what they are not: a set that reaches
# to U+10FFFF takes ten times longer to compile.
_NO_WORD: Final = r"\x00-/:-@\[-\^`{-\x7f"
_NUMBER: Final = (
    r"0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+"
    rf"|(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?{_DIGITS})?"
)
# What the one function that takes text takes: letters for axes, nothing that a format could read.
_TEXT: Final = r"""(?<=einsum\()(?:'[A-Za-z.,> -]*'|"[A-Za-z.,> -]*")"""
_MARKS: Final = sorted(OPERATORS | COMPARISONS | PUNCTUATION | REFUSED_SIGNS.keys(), key=len)
_MARK_KINDS: Final = (
    dict.fromkeys(OPERATORS, "operator")
    | dict.fromkeys(COMPARISONS, "comparison")
    | {mark: mark for mark in PUNCTUATION}
)
_LEXEME: Final = re.compile(
    rf"(?P<blank>[ \t\f]+|\\(?:{NEWLINE.pattern})|\#[^\r\n]*|\A\ufeff)"
    rf"|(?P<newline>{NEWLINE.pattern})"
    rf"|(?P<text>{_TEXT})"
    rf"|(?P<complex>(?:{_NUMBER})[jJ](?![^{_NO_WORD}]))"
    rf"|(?P<number>{_NUMBER})"
    rf"|(?P<name>[^{_NO_WORD}0-9][^{_NO_WORD}]*)"
    rf"|(?P<mark>{'|'.join(re.escape(mark) for mark in reversed(_MARKS))})"
    r"|(?P<strange>.)",
    re.DOTALL,
)


def _name_end(text: str, start: int, end: int) -> int:
    if text.isascii():
        return end
    for position in range(start, end):
        if not _in_name(text[position], first=position == start):
            return position
    return end


def _in_name(character: str, *, first: bool) -> bool:
    if character.isascii():
        return True
    # Python takes the middle dot and raised letters into names, where "a·b" means a product here
    # and "xⁿ" a power: reading them as the names "a·b" and "xn" would be a silent wrong guess.
    if character in "\u00b7\u0387" or unicodedata.decomposition(character).startswith("<super>"):
        return False
    return character.isidentifier() if first else ("_" + character).isidentifier()


def _word(written: str) -> tuple[str, str]:
    word = unicodedata.normalize("NFKC", written)
    if word in REFUSED_WORDS:
        return "word", word
    if word in KEYWORD_CONSTANTS:
        # Python reads such a word in other letters as a name, which no tree may hold.
        return ("constant", word) if word == written else ("strange", written)
    return "name", word


_ENDS: Final = frozenset({"name", "number", "constant", "text", "attribute", ")", "]", "..."})
_DANGLING: Final = frozenset({"operator", "comparison", "=", "."})
_CLOSER: Final = {"(": ")", "[": "]"}


@dataclass
class _Level:
    """What stands between one pair of brackets, or the whole statement."""

    role: str  # statement, group, call, list or index
    opener: Token | None = None
    pending: int = 0  # signs and powers that still wait for their operand's end
    compared: bool = False
    colons: int = 0
    first: Token | None = None  # of the piece between two commas
    named: bool = False  # this piece is a named argument
    after_named: bool = False


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
            hint = "'.T' is the only one: x.T transposes"
            self.refuse("attribute", message, self.tokens[-1], token, hint=hint)

    def number(self, token: Token) -> None:
        if re.fullmatch(r"0[0-9_]*[1-9][0-9_]*", token.text):
            self.refuse("zeros", f"'{_short(token.text)}' is a number that begins with 0", token)
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
            message = f"a second comparison ('{token.text}') in one is not part of the language"
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
            self.refuse("lonely", "nothing stands before ','", token)
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
            self.refuse("semicolon", "';' cannot stand inside brackets", token)
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
        self.refuse("lonely", f"nothing stands before '{token.text}'", token)

    def refuse_dangling(self) -> None:
        if self.after(*_DANGLING):
            token = self.tokens[-1]
            self.refuse("dangling", f"nothing stands after '{token.text}'", token)

    def refuse_equals(self, token: Token, level: _Level) -> NoReturn:
        self.refuse_unclosed_before(token)
        if not self.tokens:
            self.refuse("equals", "no name stands before '='", token)
        if self.after("=", "comparison", "operator"):
            message = f"'=' cannot follow '{self.tokens[-1].text}'"
            self.refuse("pair", message, self.tokens[-1], token)
        if level.role != "statement":
            self.refuse("equals", "'=' cannot stand here; '==' compares", token)
        if self.tokens[1:2] and self.tokens[1].kind == "=":
            self.refuse("equals", "a second '=': one name is assigned at a time", token)
        if self.after("]") and self.closed == "index" and self.tokens[0].kind == "name":
            name, _, *key = (self.text[t.start : t.end] for t in self.tokens)
            message = f"'{name}' cannot be written into: a value stays as it was computed"
            hint = f"for a new array write {_replaced(name, ''.join(key[:-1]))}"
            self.refuse("assignment", message, self.tokens[0], self.tokens[-1], hint=hint)
        message = "only a single name can stand before '='"
        hint = "'y = sin(x)' gives a value its name; '==' compares"
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
        return f"'{_short(written)}' in these letters"
    code = f"U+{ord(written):04X}"
    category = unicodedata.category(written)
    if category == "Cs":
        return f"a byte that is not UTF-8 text ({code})"
    name = unicodedata.name(written, "").lower()
    if category[0] in "CZ":
        kind = "a space of another kind" if category == "Zs" else "an invisible character"
        return f"{kind} ({name + ', ' if name else ''}{code})"
    return f"the character '{written}' ({name or code})"
