"""Why gradients are what they are, in sentences or as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from dzviz.arguments.expression import taken
from dzviz.arguments.options import LANG, Option, field_options, format_option
from dzviz.diagnosis.answers import STATES
from dzviz.errors import UsageError, did_you_mean
from dzviz.language.carets import visible
from dzviz.options import ENGLISH, Look, Passes
from dzviz.pipeline import Given, Values
from dzviz.pipeline.explanation import NO_GRADIENTS, explain, has_variables
from dzviz.results import Result
from dzviz.text.languages import say
from dzviz.text.phrases import listed
from dzviz.text.records import document

if TYPE_CHECKING:
    from dzviz.diagnosis.answers import Answer
    from dzviz.diagnosis.flows import Flows
    from dzviz.graph.model import Graph
    from dzviz.pipeline.explanation import Explanation
    from dzviz.sources import Subject

MOST, MOST_PLAIN = 20, 3
"""If there are more answers, all those without a problem share one line."""

ALLOWED = tuple(state for state in STATES if state != "fine")


def result(
    subject: Subject | Given,
    values: Values,
    of: Sequence[str] = (),
    allow: str | None = None,
    format_name: str = "text",
    lang: str = ENGLISH,
    **options: Any,
) -> Result:
    """Explain the gradient of each variable.

    A sentence says whether it is None, 0, NaN or doubled, and where that happened. The lines below
    show the path that the gradient took, and how to fix the problem. The exit code is 1 if a
    variable that should have a gradient has none, or if its gradient is not finite, is (nearly) 0
    everywhere, or is not the sum of what flowed back to it. A file of -o is written nevertheless.
    """
    allowed = read_allowed(allow)
    lang = lang if format_name == "text" else ENGLISH
    explanation = explain(taken(subject, values, options), list(of), lang)
    fails = any(answer.fails(allowed) for answer in explanation.answers)

    def graph() -> Graph:
        from dzviz.diagnosis.marks import with_ways

        return with_ways(explanation.graph, explanation.answers, allowed, lang)

    lines = FORMATS[format_name](explanation, lang)
    if format_name == "text" and not has_variables(subject, explanation.graph):
        lines = [f"{say(lang, NO_GRADIENTS)}\n"]
    return Result(lines, (), explanation.notes, fails, graph, Look(lang=lang))


def read_allowed(text: str | None) -> tuple[str, ...]:
    """Read the states that are no failure.

    Raises:
        UsageError: There is no such state.
    """
    words = tuple(word.strip() for word in (text or "").split(",") if word.strip())
    for word in words:
        if word not in ALLOWED:
            raise UsageError(
                f"--allow takes {', '.join(ALLOWED)}, not '{word}'",
                hint=did_you_mean(word, ALLOWED),
            )
    return words


def _text(explanation: Explanation, lang: str) -> Iterator[str]:
    from dzviz.diagnosis.flows import Flows
    from dzviz.diagnosis.words import way_in_words

    flows = Flows(explanation.graph, lang)
    found = list(explanation.answers)
    small = [answer for answer in found if answer.cause == "small"]
    plain = [a for a in found if a.state == "fine" and not a.mend and a.cause != "small"]
    many = len(found) > MOST
    plain, small = (a if many and len(a) > MOST_PLAIN else [] for a in (plain, small))
    found = [answer for answer in found if answer not in plain and answer not in small]
    for answer in found:
        yield f"{visible(answer.sentence)}\n"
        if answer.way:
            way = visible(way_in_words(flows, answer.way, answer.ends))
            yield f"  {say(lang, 'path: {what}', what=way)}\n"
        if answer.mend:
            yield f"  {say(lang, 'fix: {what}', what=visible(answer.mend))}\n"
    if small:
        yield f"{_small(flows, small, lang)}\n"
    if plain:
        names = listed([visible(answer.name) for answer in plain], ", ")
        text = "no problem with {count} more: {names}"
        yield f"{say(lang, text, count=len(plain), names=names)}\n"


def _small(flows: Flows, small: Sequence[Answer], lang: str) -> str:
    """Say in one line which gradients are small, and of the smallest how small it is."""
    from dzviz.diagnosis.small import part_of_seed
    from dzviz.diagnosis.words import short

    names = listed([visible(answer.name) for answer in small], ", ")
    parts = (part_of_seed(flows, answer.node) for answer in small if answer.node is not None)
    value = short(min(part for part in parts if part is not None), lang)
    text = (
        "{count} gradients are smaller than 1e-7 times the seed, down to {value} (dzviz flow shows "
        "where they become so small): {names}"
    )
    return say(lang, text, count=len(small), value=value, names=names)


def _json(explanation: Explanation, lang: str) -> Iterable[str]:
    yield document("dzviz/why/1", {"answers": [_fields(each) for each in explanation.answers]})


def _fields(answer: Answer) -> dict[str, Any]:
    return {**answer._asdict(), "way": list(answer.way), "fails": answer.fails()}


FORMATS = {"text": _text, "json": _json}

OPTIONS: list[click.Parameter] = [
    Option(
        ["--of"],
        multiple=True,
        documents=True,
        metavar="NAME",
        help="Explain only this variable or node (v12), which can be an intermediate value. Can "
        "be repeated.",
    ),
    Option(
        ["--allow"],
        metavar="STATE[,STATE]",
        documents=True,
        words=lambda: ALLOWED,
        help=f"The results that do not count as failures: {', '.join(ALLOWED)}.",
    ),
    format_option(FORMATS),
    *field_options(Passes, "retain_grad"),
    LANG,
]

DRAWS = "Draw the graph and highlight the path. The suffix selects the format."
