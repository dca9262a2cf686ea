"""One graph with what two have in common, and with what only one of them has, for a picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dzviz.comparison.differences import Difference, Report
from dzviz.comparison.matching import NONE
from dzviz.comparison.sides import Side
from dzviz.graph.model import Edge, FunctionNode, Graph, Node, Passes, VariableNode
from dzviz.graph.select import part
from dzviz.options import Look
from dzviz.text.gradients import derivative_of
from dzviz.text.labels import SHARE, grad_lines
from dzviz.text.numbers import value_lines
from dzviz.text.phrases import listed

EdgeId = tuple[str, str, int]

MOST_DRAWN = 500
"""Of a larger graph what differs is drawn, and what is next to it."""

MOST_MARKED = 20
"""If a larger graph has more differences, only the first ones are drawn."""

OPTIONS: Mapping[str, Any] = {"contributions": "none", "hide": ("generation", "order")}
"""What is the same need not be said."""

LOOK = Look(**OPTIONS)


def drawn(report: Report, names: tuple[str, str], remarks: Sequence[str]) -> Graph:
    """Return both graphs as one: quiet where they are equal, with both numbers where not.

    ``names`` are what the graphs are called, ``remarks`` stand below the picture.
    """
    merger = _Merger(report)
    nodes, edges = merger.nodes(), merger.edges()
    graph = merger.a.graph
    known = {node.id for node in nodes}
    made = graph._replace(
        nodes=tuple(nodes),
        edges=tuple(edges),
        outputs=merger.outputs(),
        title=f"A: {names[0]}; B: {names[1]}",
        events=(),
        passes=graph.passes or merger.b.graph.passes or merger.passes(),
        flows=graph.flows or merger.b.graph.flows,
        groups=tuple(g for g in graph.groups if known.issuperset(g.nodes)),
        remarks=tuple(remarks),
        edge_notes=merger.notes,
        derivatives=None,
    )
    if len(nodes) <= MOST_DRAWN:
        return made
    centre = merger.differing(report.differences[:MOST_MARKED])
    beside = {end for edge in edges if {edge.source, edge.target} & centre for end in edge[:2]}
    return part(made, centre | beside)


class _Merger:
    """Numbers the nodes of the second graph that the first one has not, and joins both."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.matching = report.matching
        self.a: Side
        self.b: Side
        self.a, self.b = report.matching.sides
        self.joined = {
            d.a[0] for d in report.differences if d.kind == "op" and len(d.a) == 1 == len(d.b)
        }
        self.ids = dict(self._ids())
        self.notes: dict[EdgeId, str] = {}
        self.lone: set[str] = set()
        self.quiet: set[str] = set()
        self.at: dict[str, list[Difference]] = {}
        self.shares: dict[EdgeId, Difference] = {}
        for difference in (*report.differences, *report.remarks):
            if difference.kind == "share":
                source, target, key = difference.a
                self.shares[source, target, int(key)] = difference
                continue
            for id in (*difference.a, *(self.ids[id] for id in difference.b)):
                self.at.setdefault(id, []).append(difference)

    def _ids(self) -> Iterator[tuple[str, str]]:
        """Tell the id in the picture of each node of the second graph."""
        count = len(self.a.graph.nodes)
        for i, (x, v) in enumerate(zip(self.b.values, self.matching.values[1], strict=True)):
            yield x.id, self.a.values[v].id if v != NONE else f"v{count + i}"
        for i, (y, f) in enumerate(zip(self.b.functions, self.matching.functions[1], strict=True)):
            yield y.id, self.a.functions[f].id if f != NONE else f"f{count + i}"
        for difference in self.report.differences:
            if difference.kind == "op" and len(difference.a) == 1 == len(difference.b):
                yield difference.b[0], difference.a[0]
        for pair in self.matching.pairs:
            for j, k in pair.slots:
                one, other = self.a.slots[pair.a][j], self.b.slots[pair.b][k]
                if one.constant and other.constant and min(one.value, other.value) >= 0:
                    yield self.b.values[other.value].id, self.a.values[one.value].id
                    roots = self.a.root[one.value], self.b.root[other.value]
                    yield self.b.values[roots[1]].id, self.a.values[roots[0]].id

    def differing(self, differences: Sequence[Difference]) -> set[str]:
        """Return the ids of the nodes of some differences."""
        ids = {id for d in differences if d.kind != "share" for id in d.a}
        ids |= {id for d in differences if d.kind == "share" for id in d.a[:2]}
        return ids | {
            self.ids[id] for d in differences for id in (d.b[:2] if d.kind == "share" else d.b)
        }

    def nodes(self) -> list[Node]:
        """Return all nodes, those of the second graph behind what they are computed from."""
        matched = {node.id for i, node in enumerate(self.a.values) if self._has(0, i)}
        matched |= {
            node.id
            for i, node in enumerate(self.a.functions)
            if self.matching.functions[0][i] != NONE or node.id in self.joined
        }
        found: list[Node] = []
        lone: dict[str, list[Node]] = {}
        last = ""
        known = {node.id for node in self.a.graph.nodes}
        for node in self.b.graph.nodes:
            id = self.ids[node.id]
            if id in known:
                last = id
            else:
                lone.setdefault(last, []).append(self._lone(node, id, "B"))
        found += lone.get("", [])
        for node in self.a.graph.nodes:
            found.append(
                self._shown(node) if node.id in matched else self._lone(node, node.id, "A")
            )
            found += lone.get(node.id, [])
        return found

    def _has(self, side: int, value: int) -> bool:
        return self.matching.values[side][value] != NONE or self.matching.sides[side].is_constant(
            value
        )

    def _shown(self, node: Node) -> Node:
        """Mark a node that both graphs have."""
        here = self.at.get(node.id, [])
        bad = [d for d in here if d.kind not in ("renamed", "steps", "dtype")]
        name = next((d.texts for d in here if d.kind == "renamed"), None)
        if isinstance(node, VariableNode) and name:
            node = node._replace(name=f"{name[0]} | {name[1]}")
        if not bad:
            return node._replace(mark="aside")
        if isinstance(node, FunctionNode):
            main = next((d for d in bad if d.kind in ("op", "value")), None)
            if main is not None and main.kind == "op":
                node = node._replace(label=" | ".join(main.texts))
            elif main is not None and _literal(node.label, main.texts[0]):
                node = node._replace(label=f"{node.label} | {main.texts[1]}")
            return node._replace(mark="differs")
        return node._replace(mark="differs", lines=tuple(_lines(node, bad)))

    def _lone(self, node: Node, id: str, side: str) -> Node:
        """Mark a node that one graph alone has; one of other steps is no difference."""
        here = self.at.get(id, [])
        beside = isinstance(node, VariableNode) and node.role != "input"
        structural = any(d.kind in ("added", "removed", "moved", "op") for d in here)
        mark = "differs" if structural or (beside and self._made_by(node.id, side)) else "aside"
        (self.lone if mark == "differs" else self.quiet).add(id)
        if isinstance(node, FunctionNode):
            label = f"{node.label} ({side})"
            return node._replace(id=id, label=label, mark=mark, span=None, back=None)
        if node.name:
            node = node._replace(name=f"{node.name} ({side})")
        return node._replace(id=id, mark=mark, copy_of=None)

    def _made_by(self, id: str, side: str) -> bool:
        """Whether what made a value that one graph alone has is set apart."""
        of = self.a if side == "A" else self.b
        maker = of.maker[of.number[id]]
        name = of.functions[maker].id if maker >= 0 else ""
        return (name if side == "A" else self.ids.get(name, "")) in self.lone

    def edges(self) -> list[Edge]:
        """Return all edges, with notes on those whose shares differ."""
        others = {(self.ids[e.source], self.ids[e.target]): e for e in self.b.graph.edges}
        pairs = {(edge.source, edge.target) for edge in self.a.graph.edges}
        found = []
        for edge in self.a.graph.edges:
            share = self.shares.get(edge[:3])
            if share is not None:
                self.notes[edge[:3]] = f"{SHARE} {_both(share)}"
                found.append(edge._replace(mark="differs"))
            else:
                found.append(self._joined(edge, edge[:2] in others, "A"))
        for pair, edge in others.items():
            if pair not in pairs:
                edge = edge._replace(source=pair[0], target=pair[1], contribution=None)
                found.append(self._joined(edge, False, "B"))
        return found

    def _joined(self, edge: Edge, both: bool, side: str) -> Edge:
        """Mark an edge that one graph alone has; quiet where an end of it is."""
        if both or {edge.source, edge.target} & self.quiet:
            return edge._replace(mark="aside")
        if not {edge.source, edge.target} & self.lone:
            self.notes[edge[:3]] = side
        return edge._replace(mark="differs")

    def passes(self) -> tuple[Passes, ...]:
        """Return what the gradients that there are belong to, where that is not the same."""
        both = {"A": self.a, "B": self.b}
        if len({derivative_of(side.graph) for side in both.values()}) < 2:
            return ()
        lang = self.report.lang
        found = tuple(
            f"{listed([side.output_name(v, lang) for v in side.outputs], ', ')} ({which})"
            for which, side in both.items()
            if side.passed
        )
        return (Passes(1, found),) if found else ()

    def outputs(self) -> tuple[str, ...]:
        """Return the outputs of both."""
        ids = [*self.a.graph.outputs, *(self.ids[id] for id in self.b.graph.outputs)]
        return tuple(dict.fromkeys(ids))


def _literal(label: str, text: str) -> bool:
    return text in label.split()


def _both(difference: Difference) -> str:
    element = f"{difference.element}: " if difference.element else ""
    return f"{element}{difference.texts[0]} | {difference.texts[1]}"


def _lines(node: VariableNode, here: Sequence[Difference]) -> list[str]:
    """Say both numbers of what differs, and one of what does not."""
    by_kind: Mapping[str, Difference] = {d.kind: d for d in here}
    if "shape" in by_kind:
        lines = [f"shape {_both(by_kind['shape'])}"]
    elif "value" in by_kind:
        lines = [f"data {_both(by_kind['value'])}"]
    else:
        first, *rest = value_lines(node.data, LOOK)
        lines = [f"data {first}", *rest]
    if "gradient" in by_kind:
        return [*lines, f"grad {_both(by_kind['gradient'])}"]
    return [*lines, *grad_lines(node, LOOK)]
