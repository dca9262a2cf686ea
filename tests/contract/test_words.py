"""Pages, help and messages say things in plain words, and one thing by one term."""

import ast
import re
from pathlib import Path

import click
import pytest
from support.docs import DOCS, README, ROOT

from dzviz.cli.commands import COMMANDS, load
from dzviz.text.sentences import table

ODD = (
    r"\bfor who\b",
    r"\btells? of\b",
    r"\b(?:is|are|was|were|be|been) told\b",
    r"\bsays? of\b",
    r"\bwhat pip brings\b",
    r"\b(?:a|one) (?:line|page|text|file|picture) an? (?:event|step|node|row|number|variable)\b",
    r"\bbut for\b",
    r"\banew\b",
    r"\bat most so many\b",
    r"\bso (?:long|much|many) a\b",
    r"\bfrom [01] on\b",
    r"\blooks on\b",
    r"\bof one's own\b",
)
"""Phrases that can be understood, but that no one would say."""

STILTED = (
    r"\b(?:ways?|mends?|contributions?)\b",
    r"\btells?\b",
    r"\bknows? nothing\b",
    r"\bnobody\b",
    r"\b(?:if|unless) (?:it is|they are|\w+ are) (?:to be )?(?:wanted|meant|mixed)\b",
    r"\b(?:is|are) looked at\b",
    r"\bfar out\b",
    r"\bsee whether\b",
    r"\bsomething came\b",
    r"\bas that of\b",
    r"\blets? [\w ]{2,20} go\b",
    r"\bout of the queue comes\b",
    r"\b(?:inside|outside) of\b",
)
"""Phrases that are no longer in the sentences of pictures and answers; pages may need some."""

GLOSSARY = "docs/reference/glossary.md"

AVOIDED = {
    "backward pass": ("reverse pass", "back pass", "pass back", "backward walk"),
    "film": ("movie", "video clip"),
    "key": ("legend", "colour key"),
    "released": ("let go", "thrown away"),
    "up to date": ("stale", "outdated"),
}
"""Words that are not used for what a term of the glossary means."""

SENTENCES = frozenset(table())
"""What pictures and answers say, in its own table."""

LINK = r"(?<=\])\([^)]*\)"
"""Where a link leads."""


def prose(text: str) -> str:
    """Return a page without what it quotes: code, sessions, pictures and their descriptions."""
    quoted = (
        r"^(`{3,}).*?^\1`*$",
        r"<picture>.*?</picture>",
        r"<!--.*?-->",
        r"!\[[^]]*\]\([^)]*\)",
        LINK,
    )
    for each in quoted:
        text = re.sub(each, " ", text, flags=re.DOTALL | re.MULTILINE)
    return " ".join(re.sub(r"(`+).*?\1", " ", text, flags=re.DOTALL).split())


def pages() -> dict[str, str]:
    texts = {page.name: prose(page.text) for page in [README, *DOCS]}
    for name in ("CONTRIBUTING.md", "RELEASING.md", "SECURITY.md"):
        texts[name] = prose((ROOT / name).read_text(encoding="utf-8"))
    return texts


def help_texts() -> dict[str, str]:
    texts = {"dzviz --help": " ".join(COMMANDS.values())}
    for name in COMMANDS:
        command = load(name)
        options = [param.help or "" for param in command.params if isinstance(param, click.Option)]
        texts[f"dzviz {name} --help"] = " ".join([command.help or "", *options])
    return texts


def strings(path: Path) -> str:
    """Return the texts in a module that users may see: messages and hints, no docstrings."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    silent = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    found = (n for n in nodes if isinstance(n, ast.Constant) and id(n) not in silent)
    texts = (n.value for n in found if isinstance(n.value, str) and n.value not in SENTENCES)
    return " | ".join(" ".join(text.split()) for text in texts)


def sentences() -> dict[str, str]:
    return {sentence: sentence for sentence in SENTENCES}


def messages() -> dict[str, str]:
    paths = [*sorted((ROOT / "dezero").rglob("*.py")), *sorted((ROOT / "dzviz").rglob("*.py"))]
    return {str(path.relative_to(ROOT)): strings(path) for path in paths}


def found(pattern: str, texts: dict[str, str]) -> list[str]:
    """Say where a pattern occurs, with the words around it."""
    places = [
        (name, text, match.start())
        for name, text in texts.items()
        for match in re.finditer(pattern, text, re.IGNORECASE)
    ]
    return [f"{name}: {text[max(0, at - 40) : at + 50]}" for name, text, at in places]


def test_the_patterns_find_what_they_are_for():
    planted = {"page": "The exit code is told, a line an event, for who wants it."}
    assert [len(found(pattern, planted)) for pattern in ODD[:6]] == [1, 0, 1, 0, 0, 1]
    assert found(r"\bis told\b", {"page": prose("`is told`\n```sh\nis told\n```\n")}) == []
    assert len(pages()) > 30
    assert len(messages()) > 200


@pytest.mark.parametrize(
    "texts", [pages, help_texts, messages, sentences], ids=lambda f: f.__name__
)
def test_no_odd_phrase_is_left(texts):
    where = texts()
    assert found("|".join(ODD), where) == []


def test_the_sentences_of_pictures_and_answers_are_plain():
    planted = {"answer": "its only way ends at sin; mend: see whether it is looked at here"}
    assert len(found("|".join(STILTED), planted)) == 4
    assert len(sentences()) > 400
    assert found("|".join(STILTED), sentences()) == []


def test_one_thing_has_one_term():
    where = {**pages(), **help_texts(), **sentences()}
    terms = re.findall(r"^\| \*\*(.+?)\*\* \|", (ROOT / GLOSSARY).read_text("utf-8"), re.M)
    assert len(terms) > 40
    assert terms == sorted(terms, key=str.casefold)
    assert AVOIDED.keys() <= set(terms)
    avoided = [word for words in AVOIDED.values() for word in words]
    assert not set(avoided) & set(terms)
    assert [line for word in avoided for line in found(rf"\b{word}\b", where)] == []
