"""``dzviz why``: what happened to each gradient, in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from dzviz.arguments.expression import ExpressionCommand, check_written, taken
from dzviz.arguments.options import QUIET, Option, field_options
from dzviz.cli.output import write_file, write_stdout
from dzviz.cli.warnings import warn
from dzviz.errors import UsageError, did_you_mean
from dzviz.explanation import explain
from dzviz.formats import format_of_file
from dzviz.language.carets import visible
from dzviz.options import Passes
from dzviz.pipeline import Given, Values, drawing_of
from dzviz.text.phrases import listed

if TYPE_CHECKING:
    from dzviz.diagnosis.answers import Answer
    from dzviz.explanation import Explanation
    from dzviz.sources import Subject

FAILS = 1
"""The exit code where a leaf that wants a gradient has none that is any good."""

MOST, MOST_PLAIN = 20, 3
"""Of more answers, those that say nothing but that all is well are one line."""

ALLOWED = ("none", "zero", "nonfinite")


def why(
    subject: Subject | Given,
    values: Values,
    of: Sequence[str],
    allow: str | None,
    output: str | None,
    format_name: str,
    quiet: bool,
    **options: Any,
) -> int:
    """Say of each variable what its gradient is and why.

    One sentence each: whether it is None, 0, NaN or doubled and where that happened, with the way
    that the gradient took and what mends it. The exit code is 1 where a variable that wants a
    gradient has none, one that is all 0 (or as good as), or one that is not finite; what -o asks
    for is written all the same.
    """
    check_written(output)
    format = format_of_file(output) if output not in (None, "-") else None
    if output == "-":
        raise UsageError(
            "-o takes the file of a picture; the answer goes to standard output",
            hint="as in: -o why.svg",
        )
    allowed = read_allowed(allow)
    explanation = explain(taken(subject, values, options), list(of))
    fails = any(answer.fails(allowed) for answer in explanation.answers)
    chunks: Any = None
    if format is not None:
        from dzviz.diagnosis.marks import with_ways

        shown = with_ways(explanation.graph, explanation.answers, allowed)
        chunks = drawing_of(shown, format).chunks()
    warn((), explanation.notes, quiet=quiet)
    write_stdout(WRITERS[format_name](explanation), binary=False)
    if chunks is not None:
        write_file(str(output), chunks)
    return FAILS if fails else 0


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


def _text(explanation: Explanation) -> Iterator[str]:
    from dzviz.diagnosis.flows import Flows
    from dzviz.diagnosis.words import way_in_words

    flows = Flows(explanation.graph)
    found = list(explanation.answers)
    plain = [answer for answer in found if answer.state == "fine" and not answer.mend]
    if len(found) > MOST and len(plain) > MOST_PLAIN:
        found = [answer for answer in found if answer not in plain]
    for answer in found:
        yield f"{visible(answer.sentence)}\n"
        if answer.way:
            yield f"  way: {visible(way_in_words(flows, answer.way, answer.ends))}\n"
        if answer.mend:
            yield f"  mend: {visible(answer.mend)}\n"
    if len(found) < len(explanation.answers):
        names = listed([visible(answer.name) for answer in plain], ", ")
        yield f"{len(plain)} more have the derivative: {names}\n"


def _json(explanation: Explanation) -> Iterable[str]:
    import json

    found = [_fields(answer) for answer in explanation.answers]
    yield f"{json.dumps({'schema': 'dzviz/why/1', 'answers': found}, indent=1)}\n"


def _fields(answer: Answer) -> dict[str, Any]:
    return {**answer._asdict(), "way": list(answer.way), "fails": answer.fails()}


WRITERS = {"text": _text, "json": _json}

command = ExpressionCommand(
    "why",
    callback=why,
    help=why.__doc__,
    params=[
        Option(
            ["--of"],
            multiple=True,
            metavar="NAME",
            help="Of this variable or node (v12), also of one in the middle; may be repeated.",
        ),
        Option(
            ["--allow"],
            metavar="STATE[,STATE]",
            words=lambda: ALLOWED,
            help=f"What is no failure: {', '.join(ALLOWED)}.",
        ),
        Option(
            ["-o", "--output"],
            metavar="FILE",
            help="Draw the graph, with the way in front, in the format of the suffix.",
        ),
        Option(
            ["-T", "--format", "format_name"],
            type=click.Choice(list(WRITERS)),
            default="text",
            show_default=True,
            help="How the answer is written.",
        ),
        *field_options(Passes, "retain_grad"),
        QUIET,
    ],
)
