"""By how much each op enlarges or shrinks gradients, and where they are lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dzviz.arguments.expression import taken
from dzviz.arguments.options import LANG, STRICT, format_option
from dzviz.diagnosis import gain_words
from dzviz.diagnosis.gains import Gains
from dzviz.errors import UsageError
from dzviz.graph.overview import leaves
from dzviz.options import ENGLISH, Look
from dzviz.pipeline import Given, Values, take
from dzviz.pipeline.explanation import refuse_without_pass, refuse_without_variables
from dzviz.results import Result

if TYPE_CHECKING:
    from dzviz.graph.model import Graph
    from dzviz.sources import Subject

FORMATS = {"text": gain_words.text, "json": gain_words.as_json}


def result(
    subject: Subject | Given,
    values: Values,
    format_name: str = "text",
    lang: str = ENGLISH,
    strict: bool = False,
    **options: Any,
) -> Result:
    """Show by how much each op enlarges or shrinks gradients.

    The gain of an op is the norm of the gradient that it sends back, divided by the norm of the
    gradient that reached it. For each variable, the gains are multiplied along its strongest and
    its weakest path. The answer says from which op on the product stays below 1e-7 or above 1e7,
    in a loop with the time, or how small or large it was in between. In the picture of -o, edges
    are thicker where more flowed back.
    """
    computation = taken(subject, values, options)
    found = take(computation, events=False, strict=strict)
    if found.failed is not None:  # then no pass ran
        raise found.failed
    refuse_without_variables(computation, found.graph, "nothing flows back")
    lang = lang if format_name == "text" else ENGLISH
    gains = gains_of(found.graph, lang, given=isinstance(subject, Given))
    return Result(
        FORMATS[format_name](gains),
        found.warnings,
        found.notes,
        graph=lambda: found.graph,
        look=Look(edges="flow", lang=lang),
    )


def gains_of(graph: Graph, lang: str = ENGLISH, *, given: bool) -> Gains:
    """Return the gains of a graph, which may be ``given`` and not computed here.

    Raises:
        UsageError: Nothing flowed back in it that can be measured.
    """
    if given:
        refuse_without_pass(graph)
    gains = Gains(graph, lang)
    if not gains.all:
        raise _nothing_flowed(gains, given=given)
    return gains


def _nothing_flowed(gains: Gains, *, given: bool) -> UsageError:
    """Return the error for a graph along whose edges nothing flowed back that can be measured."""
    if gains.flows.recorded:
        hint = "dzviz why says where that began"
        return UsageError("nothing that flowed back is finite, or all of it is 0", hint=hint)
    if any(leaf.role == "output" for leaf in leaves(gains.flows.graph)):
        return UsageError("nothing flowed back through an op: no op computed the output")
    if not given:
        hint = "dzviz why says where the path of a variable ends"
        return UsageError("nothing flowed back: no variable reaches the output", hint=hint)
    return UsageError(
        "the graph does not contain what flowed back along its edges",
        hint="record the pass with dzviz.record or dzviz.watch; -T json --full saves it",
    )


OPTIONS: list[click.Parameter] = [
    format_option(FORMATS),
    LANG,
]

PARAMS = [STRICT]
DRAWS = "Draw the graph, with thicker edges where more flowed back."
