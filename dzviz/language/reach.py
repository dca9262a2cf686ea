"""Which inputs do not reach any output, and where their path ends.

It looks at graphs of Variables; where a value leaves its graph it is reported by the engine, or by
whoever evaluates an expression.
"""

from __future__ import annotations

import sys
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dzviz.language.user_code import code_is_ours, place_in_code
from dzviz.records import NamedTuple
from dzviz.text.phrases import listed

if TYPE_CHECKING:
    from dzviz.engine import Function, Variable


ROUNDING = frozenset(f"np.{name}" for name in ("ceil", "fix", "floor", "rint", "round", "trunc"))
"""Functions that end a way though their result is a number to compute with: easily overlooked."""


class Ends:
    """Where values leave the graph, each place in words with the Variables that do so there.

    As a watcher of `dezero.watching.watch_detach` it notes what the user's code does.
    """

    def __init__(self) -> None:
        self.places: dict[str, dict[Variable, None]] = {}
        self.unchained: dict[Variable, Function] = {}

    def add(self, place: str, *xs: Variable) -> None:
        """Note that these leave the graph at a place."""
        self.places.setdefault(place, {}).update(dict.fromkeys(xs))

    def __call__(self, x: Variable, by: str) -> None:
        """Note by what ``x`` leaves the graph, and the line that does it."""
        frame = sys._getframe(3)  # of who asked what told us
        if by == ".data" and code_is_ours(frame.f_code.co_filename):
            return  # not the user, who may have asked for its length or printed it
        if x.creator is not None and by == "unchain":
            self.unchained[x] = x.creator
        self.add(f"{by}{place_in_code(frame)}", x)


class Reach(NamedTuple):
    """By their names, where ``lost`` inputs end that reach no output, each way in words.

    ``rounded`` ones reach an output and leave the graph on another way, where a function of NumPy's
    rounds them. ``outputs`` is how many there are, ``places`` has the Variables that leave the
    graph at each place. An engine of another package names what lies ``beside`` its graph.
    """

    lost: Mapping[str, Sequence[str]]
    rounded: Mapping[str, Sequence[str]]
    outputs: int
    places: Mapping[str, Mapping[Variable, None]]
    beside: Sequence[Any] = ()

    def sentences(self) -> list[str]:
        """Say it of each input in a sentence."""
        whole = "the output" if self.outputs == 1 else "any output"
        sentences = []
        for name, why in self.lost.items():
            if not why:
                sentences.append(f"'{name}' does not reach {whole}")
                continue
            ways = listed([why[0], *(way.removeprefix(ENDS_AT[:-3]) for way in why[1:])], " and ")
            sentences.append(f"'{name}' does not reach {whole}: {ways}")
        return sentences + [
            f"'{name}' does not reach the output on every path: no gradient comes from "
            f"{listed(found, ' and ')}"
            for name, found in self.rounded.items()
        ]


ENDS_AT = "its path ends at "
"""What stands before a place where a way ends."""


def reach_of(
    inputs: Mapping[str, Variable],
    outputs: Sequence[Variable],
    ends: Ends,
    computed: Iterable[tuple[Function, str]] = (),
) -> Reach:
    """Say for each input that reaches no output where its way ends.

    One that reaches an output on another path is reported if a function of NumPy's rounds it, since
    no gradient comes from there. ``computed`` are the Functions in order, each with its line in
    words.
    """
    lost = {x: name for name, x in inputs.items()}
    for x in _behind(outputs, {}):
        lost.pop(x, None)
        if not lost:
            break
    return Reach(
        _lost(lost, ends, computed), _rounded(inputs, lost, ends), len(outputs), ends.places
    )


def _rounded(
    inputs: Mapping[str, Variable], lost: Container[Variable], ends: Ends
) -> dict[str, list[str]]:
    """Say for each input that is not lost where it is rounded."""
    places: dict[str, list[str]] = {}
    names = {x: name for name, x in inputs.items() if x not in lost}
    for place, xs in ends.places.items():
        if place.partition(" ")[0] in ROUNDING:
            for x in _behind(xs, ends.unchained):
                if x in names:
                    places.setdefault(names[x], []).append(place)
    return places


def _lost(
    lost: Mapping[Variable, str], ends: Ends, computed: Iterable[tuple[Function, str]]
) -> dict[str, list[str]]:
    """Say for each lost input where its way ends."""
    if not lost:
        return {}
    found: dict[Variable, list[str]] = {x: [] for x in lost}
    for place, xs in ends.places.items():
        for x in _behind(xs, ends.unchained):
            if x in found:
                found[x].append(f"{ENDS_AT}{place}")
    last: dict[Variable, str] = {}
    if not all(found.values()):
        last = _last(lost, computed)
    return {name: found[x] or [last.get(x, "no op takes it")] for x, name in lost.items()}


def _last(
    lost: Iterable[Variable], computed: Iterable[tuple[Function, str]]
) -> dict[Variable, str]:
    """For each of the lost inputs, say what was computed last from it."""
    sources: dict[Variable, set[Variable]] = {x: {x} for x in lost}
    last = {}
    for function, line in computed:
        origins = set().union(*(sources.get(x, ()) for x in function.inputs))
        if origins:
            for reference in function.outputs:
                y = reference()
                if y is not None:
                    sources[y] = origins
        for x in origins:
            last[x] = f"{ENDS_AT}{function.label}{line}, whose result is not used"
    return last


def _behind(ys: Iterable[Variable], unchained: Mapping[Variable, Function]) -> Iterator[Variable]:
    """Go through all Variables that these were computed from, and these."""
    pending: list[Any] = list(ys)
    seen = set(pending)
    while pending:
        x = pending.pop()
        yield x
        creator = x.creator or unchained.get(x)
        for source in creator.inputs if creator is not None else ():
            if source not in seen:
                seen.add(source)
                pending.append(source)
