"""What was lost at a Function, and why in words: what the reasons of all families of ops share."""

from __future__ import annotations

from dzviz.diagnosis.engines import words_of
from dzviz.diagnosis.flows import Flows, is_nothing
from dzviz.diagnosis.words import all_of, noun, short, what, where, with_value
from dzviz.graph.model import Edge, FunctionNode, Value, VariableNode
from dzviz.records import NamedTuple
from dzviz.text.languages import say
from dzviz.text.phrases import clean

HOOKED = "changed by a hook"
"""What PyTorch's source notes of a value that was not reached by the sum of its shares."""


class Reason(NamedTuple):
    """The word of a cause, why in words, and the mend."""

    cause: str
    why: str
    mend: str


class Loss(NamedTuple):
    """One operand of one Function, to which something came and which got nothing."""

    flows: Flows
    function: FunctionNode
    edge: Edge
    operand: VariableNode

    @property
    def name(self) -> str:
        """What the user wrote."""
        return what(self.flows, self.function)

    @property
    def place(self) -> str:
        """Where it stands."""
        return where(self.flows, self.function)

    def short(self, value: Value) -> str:
        """Write a value in short."""
        return short(value, self.flows.lang)

    def say(self, sentence: str, **values: object) -> str:
        """Say a part of the reason."""
        return say(self.flows.lang, sentence, **values)

    def reason(self, cause: str, why: str, mend: str, **values: object) -> Reason:
        """Give a reason of this op, at its place."""
        sentence = self.say(why, op=self.name, place=self.place, **values)
        return Reason(cause, sentence, self.say(mend))

    @property
    def partly(self) -> bool:
        """Whether what came to a part of the operand alone was lost: one that it is joined of."""
        return not is_nothing(self.edge.contribution) and self.edge.contribution is not None

    @property
    def others(self) -> list[VariableNode]:
        """The other operands."""
        edges = self.flows.operands[self.function.id]
        return [self.flows.variables[e.source] for e in edges if e.arg != self.edge.arg]


def by_rule(loss: Loss) -> Reason:
    """Say that the rule of an op gives 0, where nothing more is known of the op."""
    checks = words_of(loss.flows.graph.engine).checks
    mend = (
        "if its slope is not 0 there, nor too small for a float, the rule is wrong ({checks} "
        "shows it); otherwise, start from another value"
    )
    why = (
        "the rule of {op} gives 0 for the elements in question{place}"
        if loss.partly
        else "the rule of {op} gives 0 for {value}{place}"
    )
    return Reason(
        "rule",
        loss.say(
            why,
            op=loss.name,
            value=with_value(loss.flows, loss.operand),
            place=loss.place,
        ),
        loss.say(mend, checks=checks),
    )


def hooked(flows: Flows, id: str, cause: str) -> Reason | None:
    """Say of a value that a hook of the user changed what reached it; None if none did."""
    node = flows.variables[id]
    if HOOKED not in clean(node.grad_note):
        return None
    shares = [short(edge.contribution, flows.lang) for edge in flows.shares(id)]
    why = "a hook changed what reached {name}, {shares}{place}"
    place = where(flows, flows.functions.get(flows.maker.get(id, "")))
    about = {"name": noun(flows, node), "shares": all_of(shares[:4], flows.lang), "place": place}
    mend = "look at the hooks that are registered on it"
    return Reason(cause, say(flows.lang, why, **about), say(flows.lang, mend))
