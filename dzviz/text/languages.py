"""Sentences in English, Korean and Japanese: each is asked for by its English, and has fields.

The language travels with the options (`dzviz.options.Look`), as a value. The sentences are in
`dzviz.text.sentences`; names, ops, code and numbers are values of their fields.
"""

from __future__ import annotations

from dzviz.options import ENGLISH, LANGUAGES
from dzviz.text.sentences import table


def say(lang: str, sentence: str, /, **values: object) -> str:
    """Say a sentence, with its fields filled; in English where the table does not have it.

    >>> print(say("en", "part of the {which} derivative", which="second"))
    part of the second derivative
    """
    if lang != ENGLISH:
        said = table().get(sentence)
        sentence = untranslated(sentence) if said is None else said[LANGUAGES.index(lang) - 1]
    return sentence.format(**values) if values else sentence


def untranslated(sentence: str) -> str:
    """Return a sentence that has no translation yet; in the tests of dzviz it is an error."""
    return sentence
