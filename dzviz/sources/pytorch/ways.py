"""Where the paths of tensors that reach no output end: from all calls of a program, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

import torch

from dzviz.language.reach import ENDS_AT, Reach
from dzviz.language.user_code import in_words
from dzviz.records import NamedTuple
from dzviz.sources.pytorch.notes import Call, Seen

MOST = 20_000
"""At most this many calls are remembered; in a longer program, the end of a path is not known."""

LEAVING: Mapping[str, str] = {
    "item": "item",
    "tolist": "tolist",
    "numpy": "numpy",
    "__array__": "numpy",
    "__float__": "float()",
    "__int__": "int()",
    "__index__": "int()",
    "__bool__": "a condition",
    "__format__": "a text",
    "__repr__": "a text",
}
"""Calls that make no tensor, and what the user calls them."""


CUT = ("detached", "no_grad", "inference_mode")
"""What `why_none` says about results without a gradient."""


class Made(NamedTuple):
    """A call with its results, none where it made no tensor."""

    call: Call
    results: Sequence[Seen]


class History:
    """The calls of a program in their order, with what they made."""

    def __init__(self) -> None:
        self.calls: deque[Made] = deque(maxlen=MOST)
        self.count = 0

    def add(self, call: Call, results: Sequence[Seen] = ()) -> None:
        """Remember a call."""
        self.calls.append(Made(call, results))
        self.count += 1

    def reach(self, lost: Mapping[str, Seen], outputs: int) -> Reach:
        """Report tensors that no output was computed from where their ways end."""
        found: dict[str, Sequence[str]] = {}
        beside: dict[Seen, None] = {}
        for name, leaf in lost.items():
            places, made = self.ends(leaf)
            found[name] = places
            beside.update(dict.fromkeys([leaf, *made]))
        return Reach(found, {}, outputs, {}, tuple(beside))

    def ends(self, leaf: Seen) -> tuple[list[str], list[Seen]]:
        """Return the places where the ways of a leaf end, in words, and what was computed last."""
        reached = {leaf}
        taken: list[Made] = []
        for made in self.calls:
            if not reached.isdisjoint(made.call.operands):
                taken.append(made)
                reached.update(made.results)
        if not taken:
            return ([] if self.count > MOST else ["no op takes it"]), []
        last = taken[-1]
        cuts = [made for made in taken if is_cut(made)] or [m for m in taken if not m.results]
        if cuts:
            places = dict.fromkeys(place_of(made) for made in cuts)
            return [f"{ENDS_AT}{place}" for place in places], [s for m in cuts for s in m.results]
        return [f"{ENDS_AT}{place_of(last)}, whose result is not used"], list(last.results)


def is_cut(made: Made) -> bool:
    """Whether a call was asked for what has no gradient, or ran where none is recorded."""
    differentiable = any(x.requires_grad for x in made.call.operands)
    return differentiable and any(seen.why in CUT for seen in made.results)


def place_of(made: Made) -> str:
    """Say in words what a call is, and where."""
    call = made.call
    mode = next((f" in {seen.why}" for seen in made.results if seen.why in CUT[1:]), "")
    word = call.label if made.results else LEAVING.get(call.op, call.label)
    return f"{word}{mode}{in_words(call.source) if call.source else ''}"


def why_none(op: str, seen: Seen) -> str | None:
    """Say why what was computed of tensors with gradients has none."""
    if op in ("detach", "data", "detach_"):
        return "detached"
    if not seen.contents.is_real:
        return f"{seen.contents.dtype} has no gradient"
    if torch.is_inference_mode_enabled():
        return "inference_mode"
    return None if torch.is_grad_enabled() else "no_grad"
