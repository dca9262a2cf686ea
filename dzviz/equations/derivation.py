"""A graph as a derivation: the lines that give its values and its gradients.

What has a name is called by it, and so is what is used more than once. The rest stands within the
lines of what it is a part of. It knows no notation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from dzviz.equations.algebra import mapped, plus, tidy
from dzviz.equations.constants import uniform
from dzviz.equations.indices import NONE, Line, Loops, loops_of, without_repeats
from dzviz.equations.steps import Steps, Wanted, steps_of
from dzviz.errors import UsageError, did_you_mean
from dzviz.graph.model import Graph, Value, VariableNode
from dzviz.graph.overview import leaves
from dzviz.graph.terms import DERIVATIVE, Term, derivative, symbol
from dzviz.records import NamedTuple
from dzviz.text.orders import order_name
from dzviz.text.phrases import clean

LONG = 11
"""A line of more Functions is cut: a part of it gets a name and a line of its own."""

TOO_LONG = 4 * LONG
"""In a line of more Functions all parts that can have names get them at once, if need be."""

SINGLY = 4
"""In so many rounds, one part of each line gets a name, even of those that are `TOO_LONG`."""

MOST_BACK = 5
"""A derivative of more Functions is no part of other lines."""

LONGEST = 30
"""A result of more Functions is not told in one equation."""

ROUNDS = 50
"""So often more is given a name, until no line is too long."""


class Derivation(NamedTuple):
    """The lines of a graph; ``origins`` has by the number of each pass what it starts from."""

    graph: Graph
    lines: tuple[Line, ...]
    origins: Mapping[int, tuple[str, ...]]
    loops: Loops


def derivation_of(graph: Graph, only: Sequence[str] = (), *, indexed: bool = True) -> Derivation:
    """Tell how gradients come about, of all inputs or of those ``only`` by name.

    What repeats is written once, with an index, unless that is not wanted.

    Raises:
        UsageError: The graph does not describe its passes, or has no such input.
    """
    check_passes(graph)
    steps = steps_of(graph)
    origins = _origins(graph)
    loops = loops_of(graph) if indexed else NONE
    lines = _Lines(graph, steps, origins, loops)
    found = lines.all()
    if only:
        found = _needed(found, _ids(graph, only), origins)
    return Derivation(graph, tuple(without_repeats(found, loops)), origins, loops)


def check_passes(graph: Graph) -> None:
    """Refuse a graph of which nobody wrote down what its passes did.

    Raises:
        UsageError: So it is.
    """
    graded = any(getattr(n, "grad_state", "none") not in ("none", "constant") for n in graph.nodes)
    if not (graded or graph.events) or (
        graph.events and not any(event.kind == "rule" for event in graph.events)
    ):
        is_output = any(leaf.role == "output" for leaf in leaves(graph))
        raise UsageError(
            "there is nothing to derive: no op that has a derivative is applied to a variable",
            hint=None if is_output else "dzviz why says where its path ends",
        )
    if not any(event.rule is not None for event in graph.events):
        raise UsageError(
            "there are no rules to read: only the values and gradients of this graph are known",
            hint="dzviz explain reads the rules of dzviz's own engine: give it an expression or a "
            "function; dzviz why and dzviz trace work for any graph",
        )


def _origins(graph: Graph) -> dict[int, tuple[str, ...]]:
    """Return what each pass starts from, by its number."""
    found: dict[int, dict[str, None]] = {}
    for event in graph.events:
        if event.kind == "seed" and event.variable is not None:
            found.setdefault(event.turn, {})[event.variable] = None
    return {turn: tuple(ids) for turn, ids in found.items()}


def _ids(graph: Graph, names: Iterable[str]) -> set[str]:
    """Find inputs by their names.

    Raises:
        UsageError: There is none.
    """
    inputs = {n.name: n.id for n in graph.nodes if isinstance(n, VariableNode) and n.name}
    for name in names:
        if name not in inputs:
            listed = ", ".join(sorted(clean(leaf.name) for leaf in leaves(graph) if leaf.name))
            hint = did_you_mean(name, inputs) or f"the variables are {listed}"
            raise UsageError(f"there is no variable '{name}'", hint=hint)
    return {inputs[name] for name in names}


def _needed(
    lines: Sequence[Line], ids: set[str], origins: Mapping[int, tuple[str, ...]]
) -> list[Line]:
    """Leave out the lines that nothing which is wanted is made of."""
    last = max(line.turn for line in lines)
    kept: list[Line] = []
    names: set[Any] = set()
    for line in reversed(lines):
        keys = {term.key for term in line.left}
        if (line.turn == last and line.node in ids) or keys & names:
            kept.append(line)
            names |= {part.key for part in line.right.parts()}
            names |= {symbol(id).key for id in origins.get(line.turn, ())}
    return kept[::-1]


def results_of(derivation: Derivation) -> Derivation:
    """Tell the derivatives of the variables alone, each in one equation unless it is too long.

    What has no name of the user's, and still stands in one, comes first.
    """
    nodes = {n.id: n for n in derivation.graph.nodes if isinstance(n, VariableNode)}
    definitions = {
        term.key: line.right
        for line in derivation.lines
        for term in line.left
        if line.span is None and (line.turn or not nodes[line.node].name)
    }
    last = max(line.turn for line in derivation.lines)
    found: list[Line] = []
    asked: set[Any] = set()
    for line in reversed(derivation.lines):
        result = line.turn == last and line.node in nodes and nodes[line.node].role == "input"
        if result:
            line = line._replace(right=_closed(line.right, definitions))
        own = not line.turn and line.node in nodes and bool(nodes[line.node].name)
        if result or (not own and not asked.isdisjoint(term.key for term in line.left)):
            asked |= {part.key for part in line.right.parts() if not part.operands}
            found.append(line)
    return derivation._replace(lines=tuple(found[::-1]))


def _closed(right: Term, definitions: Mapping[Any, Term]) -> Term:
    for _ in range(ROUNDS):
        longer = tidy(mapped(right, lambda leaf: definitions.get(leaf.key, leaf)))
        if longer.key == right.key or longer.size > LONGEST:
            break
        right = longer
    return right


class _Lines:
    """Lines under way: which nodes have a name, and what the others stand for."""

    def __init__(
        self, graph: Graph, steps: Steps, origins: Mapping[int, tuple[str, ...]], loops: Loops
    ) -> None:
        self.graph = graph
        self.steps = steps
        self.origins = origins
        self.loops = loops
        taken = {(node.name or "")[:1] for node in steps.nodes.values()}
        self.letter = next((c for c in "usrhpq" if c not in taken), "u_")
        self.turns = sorted({turn for turn, _ in steps.settled})
        outputs = {*graph.outputs, *(id for ids in origins.values() for id in ids)}
        self.named = {
            id
            for id, node in steps.nodes.items()
            if id not in steps.made or node.name or id in outputs or steps.uses[id] > 1
        }
        self.named |= self.alike(self.named)

    def alike(self, ids: Iterable[str]) -> set[str]:
        """Return these nodes, and those of other times of a loop."""
        bodies = {self.loops.places[id][0] for id in ids if id in self.loops.places}
        return {*ids, *(id for id, (body, _) in self.loops.places.items() if body in bodies)}

    def all(self) -> list[Line]:
        """Make all lines; what would be too long without a name gets one, and it begins again."""
        for number in range(ROUNDS):
            self.round = number
            self.within: dict[str, Term] = {}
            self.known: dict[Any, Term] = {}
            self.back: dict[Wanted, Term] = {}
            self.more: set[str] = set()
            self.unnamed: dict[bytes, list[tuple[tuple[bool, int], str, Term]]] = {}
            self.latest: dict[tuple[bool, int], Term] = {}
            self.ranks: dict[tuple[bool, str], tuple[bool, int]] = {}
            self.helpers = 0
            lines = [line for turn in (0, *self.turns) for line in self.of(turn)]
            if not self.more:
                break
            self.named |= self.alike(self.more)
        return [*self.given(lines), *lines]

    def given(self, lines: Sequence[Line]) -> Iterator[Line]:
        """Tell the constants without a name of the user's that lines are made of."""
        used = {part.name for line in lines for part in line.right.parts() if part.is_symbol}
        for id, node in self.steps.nodes.items():
            if id in used and id not in self.steps.made and not node.name:
                name = symbol(id, node.data)
                yield Line((name,), name, node.data, 0, id)

    def of(self, turn: int) -> Iterator[Line]:
        """Make the lines of one pass: what it was computed of, then what flows back."""
        order = max(turn - 1, 0)
        if turn != 1:
            yield from self.forward(order)
        if turn:
            yield from self.backward(turn)

    def forward(self, order: int) -> Iterator[Line]:
        """Tell how values were made."""
        outputs = {id for ids in self.origins.values() for id in ids}
        for id, step in self.steps.made.items():
            node = self.steps.nodes[id]
            if node.order != order:
                continue
            right = self.expanded(step)
            if id not in self.named and right.size <= LONG:
                self.within[id] = right
                self.keep(False, id, right)
                continue
            if id not in self.named:
                self.more.add(id)
            self.cut(right, id)
            helpers, right = self.shortened(right, order + 1 if order else 0)
            yield from helpers
            name = symbol(id, node.data)
            if right.operands:
                self.known.setdefault(right.key, name)
            if order and id in outputs:
                continue  # it was written as the derivative that it is
            yield Line((name,), right, node.data, order + 1 if order else 0, id)

    def backward(self, turn: int) -> Iterator[Line]:
        """Tell what flows back, in the order of the pass."""
        definitions: dict[Any, Term] = {}
        for key in self.steps.settled:
            shares = self.steps.shares.get(key, ())
            if key[0] != turn or not shares:
                continue
            id = key[1]
            value: Any = self.steps.values[key]
            parts = [self.expanded(share) for share in shares]
            right = tidy(plus(parts), self.known)
            if self.is_within(turn, id, right, len(parts)):
                self.back[key] = right
                if id not in self.named:
                    self.keep(True, id, right)
                continue
            if id not in self.named:
                self.more.add(id)
            self.cut(right, id)
            helpers, right = self.shortened(right, turn, self.steps.places[key])
            yield from helpers
            left: tuple[Term, ...] = (derivative(turn, id, value),)
            following = self.following(turn, id)
            if following is not None:
                left = (symbol(following, value), *left)
            if right.operands and (following is not None or right.size > 2):
                definitions.setdefault(right.key, left[0])
            numbers: tuple[Value, ...] = tuple(
                [
                    number
                    for number, part in zip(self.steps.numbers[key], parts, strict=True)
                    if uniform(part) != 0
                ]
            )
            yield Line(left, right, value, turn, id, numbers, self.steps.places[key])
        self.known = {**definitions, **self.known}  # for the next pass: within one it would confuse

    def is_within(self, turn: int, id: str, right: Term, ways: int) -> bool:
        """Whether a derivative is part of other lines: a seed, what is short, or a mere name.

        The nodes of a loop are treated alike.
        """
        if id in self.origins.get(turn, ()):
            return ways == 1
        if id not in self.named:
            return ways == 1 and right.size <= MOST_BACK
        known = self.steps.nodes[id].name or id not in self.steps.made
        return not (known or right.operands or id in self.loops.places)

    def shortened(self, right: Term, turn: int, place: int = -1) -> tuple[list[Line], Term]:
        """Give what comes more than once in a long line a name and a line of its own."""
        lines: list[Line] = []
        while right.size > LONG:
            counts = Counter(part.key for part in right.parts() if part.size > 1)
            twice = [part for part in right.parts() if counts[part.key] > 1]
            if not twice:
                break
            chosen = {part.key: part for part in twice}
            if right.size > TOO_LONG:  # or each of hundreds would take a round
                chosen = {part.key: part for part in right.outermost(chosen)}
            else:
                most = max(twice, key=lambda part: part.size * (counts[part.key] - 1))
                chosen = {most.key: most}
            for part in chosen.values():
                self.helpers += 1
                name = symbol(f"{self.letter}{self.helpers}", part.value)
                lines.append(Line((name,), part, part.value, turn, "", (), place))
                self.known[part.key] = name
            right = tidy(right, self.known)
        return lines, right

    def cut(self, right: Term, id: str) -> None:
        """Give a part of a line that is too long a name: the one that is about half of it.

        In a line that is far too long, as the sum of what came from hundreds of uses, all such
        parts get one: one in each round would take as many rounds.
        """
        if right.size <= LONG:
            return
        keys = {part.key for part in right.parts() if part.size > 1}
        ranked = [
            (rank, node, term)
            for key in keys
            for rank, node, term in self.unnamed.get(key, ())
            if node != id and self.latest[rank] is term
        ]
        found = {node: term for _, node, term in sorted(ranked, key=lambda each: each[0])}
        if right.size > TOO_LONG and self.round >= SINGLY:
            nodes = {term.key: node for node, term in found.items()}
            self.more.update(nodes[part.key] for part in right.outermost(nodes))
        elif found:
            middle = right.size // 2
            self.more.add(min(found, key=lambda node: abs(found[node].size - middle)))

    def keep(self, back: bool, id: str, term: Term) -> None:
        """Note what stands for a value without a name, or for what flows back to it."""
        rank = self.ranks.setdefault((back, id), (back, len(self.ranks)))
        self.latest[rank] = term
        self.unnamed.setdefault(term.key, []).append((rank, id, term))

    def following(self, turn: int, id: str) -> str | None:
        """Return the node that is this derivative, where the next pass starts from it."""
        outputs = self.origins.get(turn + 1, ())
        derivatives = self.graph.derivatives
        if len(outputs) != 1 or derivatives is None:
            return None
        (output,) = outputs
        name = self.steps.nodes[id].name
        if derivatives.by is not None:
            return output if name == derivatives.by else None
        wrt = order_name(self.graph, turn).rpartition("d")[2]
        return output if name == wrt else None

    def expanded(self, term: Term) -> Term:
        """Write what has no name as what it is made of, and shorten all of it."""
        return tidy(mapped(term, self.replaced), self.known)

    def replaced(self, term: Term) -> Term:
        if term.is_symbol:
            return self.within.get(term.name, term)
        if term.label == DERIVATIVE:
            turn, _, id = term.name.partition(":")
            return self.back.get((int(turn), id), term)
        return term
