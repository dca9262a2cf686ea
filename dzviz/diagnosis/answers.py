"""What can be said of a gradient: every cause once, and an answer as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

STATES: Mapping[str, str] = {
    "fine": "there is a gradient",
    "none": "there is none",
    "zero": "all of it is 0, or less than 1e-12 of what came to where it was lost",
    "nonfinite": "some of it is NaN or infinite",
}
"""In which state a gradient may be."""


class Cause(NamedTuple):
    """Why a gradient is as it is: in which ``state``, and what ``happened``.

    Where no way leads, JAX gives zeros instead of none.
    """

    state: str
    happened: str


CAUSES: Mapping[str, Cause] = {
    "derivative": Cause("fine", "it is the derivative of the output"),
    "shared": Cause(
        "fine", "the leaf is used more than once, and the shares are added, as is right"
    ),
    "doubled": Cause("fine", "several passes were added up, or one to what was assigned"),
    "other": Cause("fine", "it belongs to another output, or to data that has changed since"),
    "not reached": Cause("none", "no way leads to the output: it ends somewhere before"),
    "cut": Cause("none", "its only ways end where the graph is left (detach, stop_gradient)"),
    "no pass": Cause("none", "no backward pass came to the output"),
    "released": Cause("none", "it was computed and let go, as of every intermediate value"),
    "not a leaf": Cause("none", "the engine keeps gradients of leaves alone"),
    "frozen": Cause("none", "it was asked for none"),
    "constant": Cause("none", "it is a constant"),
    "integer": Cause("none", "whole numbers have no derivative"),
    "no derivative": Cause("none", "it only chooses: a condition, an index"),
    "not reversible": Cause("none", "a loop that cannot be differentiated in reverse (while_loop)"),
    "no share": Cause("none", "the rule of an op gives nothing for this operand"),
    "dead": Cause("zero", "a relu that is off"),
    "masked": Cause("zero", "the mask of a where takes the other operand"),
    "not chosen": Cause("zero", "a max or min takes another one"),
    "bound": Cause("zero", "a clip holds it at a bound"),
    "step": Cause("zero", "a rounding, a sign or a comparison, flat everywhere"),
    "not selected": Cause("zero", "an index or a dropout takes other elements"),
    "overwritten": Cause("zero", "it was overwritten by something else"),
    "times 0": Cause("zero", "it is multiplied by 0"),
    "saturated": Cause("zero", "a sigmoid, tanh or softmax is flat so far out"),
    "cancelled": Cause("zero", "shares that are not 0 add up to 0"),
    "seed": Cause("zero", "the pass started from 0"),
    "rule": Cause("zero", "the rule of an op gives 0 there"),
    "forward": Cause("nonfinite", "a value was not finite already on the way forward"),
    "backward": Cause("nonfinite", "all values are finite, and a rule made what is not"),
    "input": Cause("nonfinite", "an input is not finite"),
    "bad seed": Cause("nonfinite", "the pass started from what is not finite"),
    "unknown": Cause("fine", "the graph does not contain what flowed back along its edges"),
}
"""Every cause, by the word for it in JSON."""


class Answer(NamedTuple):
    """What happened to the gradient of the leaf or value ``name``.

    ``state`` is one of `STATES`, ``cause`` one of `CAUSES`. ``sentence`` says it, ``mend`` what to
    do about it, empty where nothing has to be done. ``way`` are ids of nodes from the value to the
    output, or to where it ends; ``ends`` is the id of the node at which it is lost. ``asks`` says
    whether it wants a gradient, ``node`` is its id where it is in the graph.
    """

    name: str
    state: str
    cause: str
    sentence: str
    mend: str = ""
    way: tuple[str, ...] = ()
    ends: str | None = None
    asks: bool = True
    node: str | None = None

    def fails(self, allowed: tuple[str, ...] = ()) -> bool:
        """Whether it wants a gradient and has none that is any good."""
        return self.asks and self.state != "fine" and self.state not in allowed
