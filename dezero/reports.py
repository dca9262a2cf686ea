"""The report of a check of gradients: about each rule, and about all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .core import Function
from .verdicts import Comparison, State


class Verdict(NamedTuple):
    """What is said of one Function's rule for one operand: its worst comparison.

    There is none where it could not be tried; then ``trouble`` says why.
    """

    function: Function
    operand: int
    comparison: Comparison | None
    trouble: str = ""

    @property
    def blamed(self) -> bool:
        """Whether the rule is wrong."""
        return self.comparison is not None and self.comparison.state is State.DIFFERS

    @property
    def state(self) -> str:
        """One of the five states, or ``not tried``."""
        return "not tried" if self.comparison is None else str(self.comparison.state)

    def sentence(self) -> str:
        """What it says, in a sentence."""
        name = type(self.function).__name__
        if self.comparison is None:
            return f"{name} cannot be checked alone: {self.trouble}"
        if self.blamed:
            return f"the backward of {name} is wrong: {self.comparison.sentence()}"
        at = f" at {list(self.comparison.place)}" if self.comparison.place else ""
        if self.comparison.state is State.NOT_FINITE:
            return (
                f"{name} has no finite value or derivative there (argument {self.operand}{at}): "
                "its rule may be right"
            )
        return f"{name}: {self.state} (argument {self.operand}{at})"


class Report(NamedTuple):
    """What a check found: each element of each gradient of the formula, and each rule's verdicts.

    ``verdicts`` are in the order in which a pass comes to the Functions.
    """

    comparisons: Sequence[Comparison]
    verdicts: Sequence[Verdict]

    @property
    def blamed(self) -> list[Verdict]:
        """The rules that are wrong."""
        return [verdict for verdict in self.verdicts if verdict.blamed]

    @property
    def fails(self) -> bool:
        """Whether a gradient differs or is not finite, or a rule is wrong."""
        return bool(self.blamed) or any(c.state.fails for c in self.comparisons)

    @property
    def doubts(self) -> list[str]:
        """What cannot be judged: how many gradients, and the rules of which classes."""
        sentences = []
        for state in (State.NO_DERIVATIVE, State.TOO_NOISY):
            count = sum(c.state is state for c in self.comparisons)
            names = dict.fromkeys(
                type(v.function).__name__ for v in self.verdicts if v.state == state
            )
            parts = [f"{count} gradient{'s' if count > 1 else ''}"] if count else []
            parts += [f"the rule of {', '.join(names)}"] if names else []
            sentences += [f"{state}: {', '.join(parts)}"] if parts else []
        return sentences + [v.sentence() for v in self.verdicts if v.comparison is None]

    def notes(self) -> list[str]:
        """The sentences beside the numbers: wrong rules, and where a value stops being finite."""
        sentences = [verdict.sentence() for verdict in self.blamed]
        if not sentences and any(c.state is State.DIFFERS for c in self.comparisons):
            sentences.append(
                "no rule is wrong by itself: a part was computed outside the graph, for example "
                "with .data"
            )
        origins = [v for v in self.verdicts if v.state == State.NOT_FINITE]
        return sentences + [origin.sentence() for origin in origins[-1:]]
