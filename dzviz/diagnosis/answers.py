"""The answers about a gradient: every cause once, and an answer as data."""

from __future__ import annotations

from collections.abc import Mapping

from dzviz.records import NamedTuple

STATES: Mapping[str, str] = {
    "fine": "there is a gradient",
    "none": "there is no gradient",
    "zero": "it is 0 everywhere, or less than 1e-12 of what reached the op where it was lost",
    "nonfinite": "some elements are NaN or infinite",
    "wrong": "it is not the sum of what flowed back to it, and nothing says why",
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
        "fine", "the leaf is used more than once, and its shares are added up (which is correct)"
    ),
    "small": Cause(
        "fine",
        "it is the derivative of the output or the sum of its shares, and its norm is less than "
        "1e-7 times that of the seed",
    ),
    "doubled": Cause(
        "fine",
        "the gradients of several passes were added up, or one was added to an assigned gradient",
    ),
    "hooked": Cause("fine", "a hook changed it"),
    "other": Cause(
        "fine", "it belongs to another output, to data that has changed since, or to no pass"
    ),
    "not reached": Cause("none", "no path leads to the output: it ends before"),
    "cut": Cause(
        "none", "its only paths end where a value leaves the graph (detach, stop_gradient)"
    ),
    "no pass": Cause("none", "no backward pass started at the output"),
    "released": Cause(
        "none", "it was computed and released, like that of every intermediate value"
    ),
    "removed": Cause("none", "it was computed, and set to None since"),
    "not asked": Cause("none", "the pass was asked for other gradients only"),
    "later data": Cause("none", "it is a part of the gradient of the leaf with its later data"),
    "not a leaf": Cause("none", "the engine keeps only the gradients of leaves"),
    "frozen": Cause("none", "it does not require a gradient, as with requires_grad False"),
    "constant": Cause("none", "it is a constant"),
    "integer": Cause("none", "whole numbers have no derivative"),
    "no derivative": Cause("none", "it only selects: a condition, an index"),
    "not reversible": Cause("none", "a loop that cannot be differentiated in reverse (while_loop)"),
    "no share": Cause("none", "the rule of an op sends nothing to this operand"),
    "dead": Cause("zero", "a relu is off"),
    "masked": Cause("zero", "the mask of a where selects the other operand"),
    "not chosen": Cause("zero", "a max or min selects another element"),
    "bound": Cause("zero", "a clip holds it at a bound"),
    "step": Cause("zero", "a rounding, a sign or a comparison is flat everywhere"),
    "not selected": Cause("zero", "an index or a dropout selects other elements"),
    "overwritten": Cause("zero", "it was overwritten by something else"),
    "times 0": Cause("zero", "it is multiplied by 0"),
    "underflow": Cause(
        "zero", "it is too small for its type, which makes it 0, or an exp is nearly 0"
    ),
    "saturated": Cause(
        "zero", "an op is nearly flat, such as a saturated sigmoid, tanh or softmax"
    ),
    "cancelled": Cause("zero", "shares that are not 0 add up to 0"),
    "hook": Cause("zero", "a hook made it 0"),
    "seed": Cause("zero", "the seed of the pass is 0"),
    "rule": Cause("zero", "the rule of an op gives 0 there"),
    "forward": Cause("nonfinite", "a value was not finite in the forward pass"),
    "backward": Cause("nonfinite", "all values are finite, but a rule made a NaN or an infinity"),
    "input": Cause("nonfinite", "an input is not finite"),
    "bad seed": Cause("nonfinite", "the seed of the pass is not finite"),
    "not the sum": Cause(
        "wrong",
        "it is not the sum of the shares that flowed back to it, as with a gradient from before, "
        "or if the pass does not add them up",
    ),
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
