"""Why the gradients of a graph are what they are: one answer for each leaf, or each name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from dzviz.diagnosis import missing, nonfinite, small, zeros
from dzviz.diagnosis.answers import CAUSES, Answer
from dzviz.diagnosis.engines import words_of
from dzviz.diagnosis.faded import faded
from dzviz.diagnosis.flows import (
    End,
    Flows,
    Trace,
    added,
    is_bad,
    is_nothing,
    is_sum_of,
    traces,
)
from dzviz.diagnosis.gains import VANISHED, Gains
from dzviz.diagnosis.losses import Reason, hooked
from dzviz.diagnosis.words import all_of, short
from dzviz.errors import UsageError
from dzviz.graph.model import Graph, Passes, Value, VariableNode
from dzviz.graph.nonfinite import kind_of
from dzviz.graph.select import named
from dzviz.options import ENGLISH
from dzviz.text.labels import reference
from dzviz.text.languages import say
from dzviz.text.notes import passes_phrase
from dzviz.text.phrases import clean, grouped

WHOLE = "with that of its earlier data"
"""What PyTorch's source notes of a leaf that was changed between two uses."""

NOT_ASKED = ("frozen", "constant", "integer", "no derivative", "later data")
"""What wants no gradient, unless it is named."""


def answers(
    graph: Graph,
    names: Sequence[str] = (),
    lost: Mapping[str, Sequence[str]] | None = None,
    lang: str = ENGLISH,
) -> list[Answer]:
    """Say for each leaf, or for each of ``names``, what its gradient is and why.

    ``lost`` are inputs that no output was computed from, each with where its ways end.

    Raises:
        UsageError: There is no such name.
    """
    return Inquiry(graph, lost or {}, lang).answers(names)


class Inquiry:
    """A graph that is asked about its gradients."""

    def __init__(
        self, graph: Graph, lost: Mapping[str, Sequence[str]], lang: str = ENGLISH
    ) -> None:
        self.graph, self.lost, self.lang = graph, lost, lang
        self.flows = Flows(graph, lang)
        self.words = words_of(graph.engine)
        outputs = [self.flows.variables[id] for id in graph.outputs if id in self.flows.variables]
        named = clean(outputs[0].name) if outputs else ""
        self.output = named or say(lang, "the output")

    def answers(self, names: Sequence[str] = ()) -> list[Answer]:
        """Answer for the leaves, or for those that are named."""
        if names:
            return [answer for name in names for answer in self._named(name)]
        leaves = [node for node in self.flows.variables.values() if self._is_leaf(node)]
        inside = {node.name for node in leaves}
        found = [self.lost_input(name) for name in self.lost if name not in inside]
        return [*found, *(self.of(node, asked=False) for node in leaves)]

    def _is_leaf(self, node: VariableNode) -> bool:
        """Whether it is an input, also one that is itself an output."""
        given = node.role == "output" and node.id not in self.flows.maker
        return node.role == "input" or (given and node.grad_state != "constant")

    def _named(self, name: str) -> list[Answer]:
        known = {node.name for node in self.flows.variables.values()}
        if name in self.lost and name not in known:
            return [self.lost_input(name)]
        nodes = [self.flows.variables.get(id) for id in named(self.graph, name, "--of")]
        return [self.of(node, asked=True) for node in nodes if node is not None]

    def lost_input(self, name: str) -> Answer:
        """Answer for an input that is in no graph."""
        values = self.words.values
        reason = missing.lost(name, self.output, self.lost[name], values, self.lang)
        return self._answer(name, "none", "None", reason)

    def of(self, node: VariableNode, *, asked: bool) -> Answer:
        """Answer for a value of the graph."""
        gradient = node.grad
        if gradient is None:
            return self._missing(node, asked)
        if is_bad(gradient):
            return self._bad(node)
        came = gradient if node.passes is None or node.passes.drawn else self.flows.came(node.id)
        if self.flows.is_untouched(node.id):
            return self._missing(node, asked)
        if (wrong := self._not_the_sum(node)) is not None:
            state = "zero" if is_nothing(gradient) else CAUSES[wrong.cause].state
            return self._about(node, state, wrong, self.flows.strongest(node.id))
        if is_nothing(gradient):
            return self._lost(node, self._ends_of_zero.get(node.id))
        if node.id in self._faded and not is_nothing(came):
            end = self._faded[node.id]
            reason = zeros.reason_of(self.flows, end)
            way = self.flows.strongest(node.id)
            ends = end.function or end.value
            return self._about(node, "zero", reason, way, ends)
        return self._fine(node)

    def _about(
        self,
        node: VariableNode,
        state: str,
        reason: Reason,
        way: tuple[str, ...] = (),
        ends: str | None = None,
        asks: bool = True,
    ) -> Answer:
        gradient: Any = node.grad
        value = "None" if gradient is None else short(gradient, self.lang)
        if state == "zero" and np.size(gradient) > 1 and is_nothing(gradient):
            count = grouped(np.size(gradient))
            value = say(self.lang, "0 everywhere ({count} elements)", count=count)
        made = self._answer(reference(node), state, value, reason)
        return made._replace(way=way, ends=ends, asks=asks, node=node.id)

    def _missing(self, node: VariableNode, asked: bool) -> Answer:
        trace = self._ends_of_none.get(node.id)
        whole = self.lost.get(node.name or "")
        if whole is not None and node.id not in self.flows.to_output:
            name = clean(node.name)
            reason = missing.lost(name, self.output, whole, self.words.values, self.lang)
        else:
            reason = missing.of_node(self.flows, node, trace.ends if trace else (), self.output)
        way, ends = self._way(node.id, trace, self._ends_of_none)
        if reason.cause == "released":
            way, ends = self.flows.strongest(node.id), None
        asks = asked or reason.cause not in NOT_ASKED
        state = "none" if node.grad is None else "zero"
        return self._about(node, state, reason, way, ends, asks)

    def _lost(self, node: VariableNode, trace: Trace | None) -> Answer:
        passes = self._passes(node)
        if passes is not None and passes.seed is not False and passes.seed == 0:
            return self._about(node, "zero", zeros.seeded(self.output, self.lang))
        if trace is None and len(self.flows.shares(node.id)) > 1:  # no more than their rounding
            reason = zeros.reason_of(self.flows, End(node.id))
            return self._about(node, "zero", reason, self.flows.strongest(node.id), node.id)
        if trace is None or not (self.flows.recorded or node.id in self.flows.outputs):
            return self._about(node, "zero", self._unknown)
        reasons = [zeros.reason_of(self.flows, end) for end in trace.ends]
        whys = list(dict.fromkeys(reason.why for reason in reasons))
        why = whys[0]
        if len(whys) > 1:
            text = (
                "{first}; on another path, {last}"
                if len(whys) == 2
                else "{first}; on another path, {last}, and likewise on others"
            )
            why = say(self.lang, text, first=whys[0], last=whys[1])
        reason = reasons[0]._replace(why=why)
        return self._about(node, "zero", reason, *self._way(node.id, trace, self._ends_of_zero))

    def _bad(self, node: VariableNode) -> Answer:
        trace = self._ends_of_bad.get(node.id)
        if trace is None or not self.flows.recorded:
            reason = self._unknown
        else:
            reason = nonfinite.first_reason(self.flows, trace.ends, self._origins)
        leaves = sum(n.role == "input" for n in self.flows.variables.values())
        if leaves > 1 and len(self._bad_ones) > 1:
            text = "{why}; it spread to {count} of {all} inputs"
            count = len(self._bad_ones)
            why = say(self.lang, text, why=reason.why, count=count, all=leaves)
            reason = reason._replace(why=why)
        way, ends = self._way(node.id, trace, self._ends_of_bad)
        return self._about(node, "nonfinite", reason, way, ends)

    def _it_is(self, passes: Passes) -> str:
        return say(self.lang, "it is {what}", what=passes_phrase(passes, self.lang))

    @property
    def _unknown(self) -> Reason:
        return Reason("unknown", say(self.lang, UNTOLD), say(self.lang, RECORD))

    def _answer(self, name: str, state: str, value: str, reason: Reason) -> Answer:
        text = "{name}.grad is {value}: {why}"
        sentence = say(self.lang, text, name=name, value=value, why=reason.why)
        return Answer(name, state, reason.cause, sentence, reason.mend)

    def _not_the_sum(self, node: VariableNode) -> Reason | None:
        """Say of the gradient of one pass that it is not the sum of what flowed back."""
        passes = self._passes(node)
        own = passes is not None and (passes.assigned or passes.changed or passes.seed is not False)
        one = passes is None or ((passes.drawn or not passes.times) and not own)
        shares = self.flows.shares(node.id)
        if WHOLE in clean(node.grad_note):
            return None
        changed = self.graph.changed is not None
        if changed or not one or not shares or len(shares) < len(self.flows.uses[node.id]):
            return None
        if self._is_the_sum(node):
            return None
        parts = [edge.contribution for edge in shares]
        cause = "hook" if is_nothing(node.grad) else "hooked"
        if (by_hook := hooked(self.flows, node.id, cause)) is not None:
            return by_hook
        few = all_of(_few([short(part, self.lang) for part in parts], self.lang), self.lang)
        text = (
            "the shares that flowed back to it, {shares}, add up to {total}"
            if len(parts) > 1
            else "the share that flowed back to it is {shares}"
        )
        total = short(added(self._parts(node)), self.lang)
        why = say(self.lang, text, shares=few, total=total)
        mend = (
            "check what else went into it (a gradient from before, a hook), and that the pass adds "
            "each share to what is there"
        )
        return Reason("not the sum", why, say(self.lang, mend))

    def _parts(self, node: VariableNode) -> list[Value | None]:
        """Return what went into a gradient: its shares, and the seed."""
        seeds = [] if node.seed is None else [node.seed]
        return [*(edge.contribution for edge in self.flows.shares(node.id)), *seeds]

    def _is_the_sum(self, node: VariableNode) -> bool:
        assert node.grad is not None
        return is_sum_of(self._parts(node), node.grad, coarse=self.flows.coarse)

    def _fine(self, node: VariableNode) -> Answer:
        lang = self.lang
        way = self.flows.strongest(node.id)
        shares = self.flows.shares(node.id)
        passes = self._passes(node)
        if (of_bad := self._of_bad(way)) is not None:
            return self._about(node, "nonfinite", of_bad, way, self._origins[way[-1]].function)
        if passes is not None and passes.assigned and not passes.times and not passes.various:
            mend = say(lang, ASSIGNED, output=self.output)
            return self._about(node, "fine", Reason("other", self._it_is(passes), mend), way)
        if passes is not None and (passes.times > 1 or passes.assigned) and not passes.various:
            mend = say(lang, self.words.clear, name=reference(node))
            return self._about(node, "fine", Reason("doubled", self._it_is(passes), mend), way)
        if passes is not None and passes.times and not passes.drawn:
            text = "call {output}.backward() for the gradient of {output}"
            mend = say(lang, text, output=self.output)
            return self._about(node, "fine", Reason("other", self._it_is(passes), mend), way)
        if passes is not None and passes.changed:
            mend = say(lang, "compute it again, and run the pass again")
            return self._about(node, "fine", Reason("other", self._it_is(passes), mend))
        if len(shares) > 1 and self._is_the_sum(node):
            few = all_of(_few([short(edge.contribution, lang) for edge in shares], lang), lang)
            text = "it is used {count} times, and the shares {shares} add up, as they should"
            why = say(lang, text, count=len(shares), shares=few)
            reason = Reason("shared", why, "")
        else:
            reason = Reason("derivative", self._through(way, shares), "")
        if small.is_small(self.flows, node.id) and self._products.get(node.id, 0.0) < VANISHED:
            reason = small.noted(self.flows, node.id, reason)
        return self._about(node, "fine", reason, way)

    def _passes(self, node: VariableNode) -> Passes | None:
        return node.passes or (self.graph.passes[0] if len(self.graph.passes) == 1 else None)

    def _of_bad(self, way: tuple[str, ...]) -> Reason | None:
        """Say about a finite gradient that it is one of what is not finite, by an op on its way."""
        if way[-1] not in self.flows.outputs or not is_bad(self.flows.variables[way[-1]].data):
            return None
        origin = self._origins[way[-1]]
        if origin.function not in way:
            return None
        reason = nonfinite.forward(self.flows, origin)
        kind = kind_of(self.flows.variables[way[-1]].data)
        text = "it is the gradient of {output}, which is {kind}: {why}"
        kind_word = say(self.lang, kind)
        why = say(self.lang, text, output=self.output, kind=kind_word, why=reason.why)
        return reason._replace(why=why)

    def _through(self, way: tuple[str, ...], shares: Sequence[object]) -> str:
        """Say through which ops it came."""
        functions = [self.flows.functions[id] for id in way if id in self.flows.functions]
        if not functions:
            text = "it is what the pass starts from at {output}"
            return say(self.lang, text, output=self.output)
        labels = [clean(function.label) for function in reversed(functions)]
        if len(labels) > 4:
            more = say(self.lang, "{count} more", count=grouped(len(labels) - 2))
            labels = [labels[0], more, labels[-1]]
        text = "it came from {output} through {ops}"
        return say(self.lang, text, output=self.output, ops=all_of(labels, self.lang))

    def _way(
        self, id: str, trace: Trace | None, found: Mapping[str, Trace]
    ) -> tuple[tuple[str, ...], str | None]:
        """Return the way from a value to where its gradient is lost and on to the output."""
        if trace is None:
            return self.flows.way(id, self.flows.onward), None
        way = self.flows.way(id, lambda v: found[v].step if v in found else None)
        end = found[way[-1]].ends[0] if way[-1] in found else trace.ends[0]
        ends = way[-1]
        if end.function is not None:
            ends = end.function
            results = self.flows.results.get(ends, ())
            y = next((y for y in results if y in self.flows.to_output), None)
            if y is None:
                return way, ends
            way = (*way, ends, *self.flows.way(y, self.flows.onward))
        else:
            way = (*way, *self.flows.way(way[-1], self.flows.onward)[1:])
        return way, ends

    @cached_property
    def _ends_of_zero(self) -> dict[str, Trace]:
        return traces(self.flows, is_nothing, any_of=False)

    @cached_property
    def _ends_of_none(self) -> dict[str, Trace]:
        return traces(self.flows, lambda value: value is None, any_of=False)

    @cached_property
    def _ends_of_bad(self) -> dict[str, Trace]:
        return traces(self.flows, is_bad, any_of=True)

    @cached_property
    def _origins(self) -> dict[str, nonfinite.Origin]:
        return nonfinite.origins(self.flows)

    @cached_property
    def _bad_ones(self) -> list[str]:
        return list(nonfinite.bad_gradients(self.flows))

    @cached_property
    def _products(self) -> Mapping[str, float]:
        return Gains(self.graph).products()

    @cached_property
    def _faded(self) -> dict[str, End]:
        return faded(self.flows)


UNTOLD = (
    "where it was lost is unknown, since the graph does not say what flowed back along its edges"
)
ASSIGNED = "leave the assignment out: a pass from {output} gives the gradient of {output}"
RECORD = "record the pass with dzviz.record or dzviz.watch; -T json --full saves it"


def _few(texts: list[str], lang: str) -> list[str]:
    """Return texts, of many the first three and the count of the others."""
    if len(texts) <= 4:
        return texts
    return [*texts[:3], say(lang, "{count} more", count=len(texts) - 3)]


def refuse_unknown(found: Sequence[Answer]) -> None:
    """Refuse to answer where the graph does not tell.

    Raises:
        UsageError: It is so for one of the answers.
    """
    for answer in found:
        if answer.cause == "unknown":
            raise UsageError(answer.sentence, hint=answer.mend)
