"""Graphs from JSON: what ``-T json`` writes, and what any engine writes in the same form.

Who wrote it is not trusted: nothing in it runs or names a file, all is checked before it is used,
and an error says where by the JSON path. What can be derived may be missing: generations, shapes,
roles, keys, the numbers of operands. Nodes may stand in any order and have any ids. The schema is
`dzviz/formats/graph.schema.json`.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from dzviz.errors import UsageError
from dzviz.files import FilePath, read
from dzviz.graph.events import KINDS, Event
from dzviz.graph.model import (
    Changed,
    Derivatives,
    Edge,
    FunctionNode,
    Graph,
    Group,
    Parameters,
    Part,
    Passes,
    Value,
    VariableNode,
)
from dzviz.graph.nonfinite import Trouble
from dzviz.graph.order import in_order
from dzviz.graph.ranges import Range
from dzviz.sources.cursor import Cursor, short
from dzviz.sources.facts import UNKNOWN
from dzviz.sources.nonfinite import troubles_of
from dzviz.sources.values import read_range, read_value

SCHEMAS = ("dzviz/graph/1", "dzviz/graph/2", "dzviz/trace/1", "dzviz/trace/2")
"""What may stand under ``schema``."""

MAX_BYTES = 64 * 1024 * 1024
"""A larger text is refused."""

MAX_MEMORY = 600 * 1024 * 1024
"""So many bytes the parsed text may take, by what can be counted before it is parsed."""

STATES = ("none", "leaf", "retained", "released", "constant")
ROLES = ("input", "constant", "intermediate", "output")

DOCUMENT = ("schema", "directed", "multigraph", "graph", "nodes", "edges", "links", "events")
HEAD = (
    *("expression", "order", "outputs", "title", "trouble", "passes", "contributions"),
    *("changed", "unknown", "part_of", "repeats", "frames", "troubles", "derivatives"),
    "engine",
)
NODE = ("id", "kind", "generation", "order")
VARIABLE = (
    *(*NODE, "name", "role", "shape", "dtype", "data", "grad", "grad_state", "grad_was", "seed"),
    *("passes", "grad_note", "cut", "letter", "array", "grad_array", "grad_variable"),
)
FUNCTION = (
    *(*NODE, "op", "label", "span", "source", "origin", "detail", "cut", "back", "parameters"),
)
EDGE = ("source", "target", "key", "arg", "contribution")
EVENT = (
    *("turn", "event", "function", "variable", "arg", "value", "upstream", "local", "formula"),
    *("queue", "waiting", "step", "pass", "sentence"),
)
TROUBLE = ("function", "argument", "kind", "bad", "size", "place", "at", "of", "parts", "value")
DERIVATIVES = ("names", "values", "by")
FRAME = ("id", "name", "kind", "nodes", "operands", "parent", "parameters")
PARAMETERS = ("tensors", "data", "grad", "grad_was", "missing", "note", "passes")
PASSES = ("times", "of", "drawn", "assigned", "seed", "changed", "various")
"""The members that objects may have."""

NEEDS = {
    "forward": ("function", "variable", "value"),
    "seed": ("variable", "value"),
    "pop": ("function",),
    "rule": ("function", "variable", "arg", "value"),
    "sum": ("variable", "value"),
    "set": ("variable", "value"),
    "keep": ("variable", "value"),
    "release": ("variable", "value"),
}
"""What events of each kind must have."""


def recognises(thing: object) -> bool:
    """Whether it is a parsed document."""
    return isinstance(thing, Mapping)


def graph(thing: Mapping[str, Any], *, words: bool = True) -> Graph:
    """Return the graph that a parsed document tells.

    Raises:
        UsageError: Something in it is not as the schema says; the error has its JSON path.
    """
    return _Reader(Cursor(dict(thing)).known(DOCUMENT)).graph()


def read_graph(file: FilePath) -> Graph:
    """Read the graph of a file, or of standard input for ``-``.

    Raises:
        UsageError: It cannot be read, or holds none; the error has the place.
    """
    name = "standard input" if file.name == "-" else file.name
    try:
        if file.name == "-":
            if sys.stdin is None or sys.stdin.closed:
                raise OSError("it is closed")
            text = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            text = read(file, MAX_BYTES, regular=False)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"cannot read the graph from {short(name)}: {reason}") from None
    try:
        return graph(parse(text))
    except UsageError as error:
        raise UsageError(f"the graph in {short(name)}: {error}", hint=error.hint) from None


def parse(text: bytes) -> Mapping[str, Any]:
    """Parse the text of a document, after a look at its size.

    Raises:
        UsageError: It is no JSON, or would take too much memory.
    """
    if len(text) > MAX_BYTES:
        raise UsageError(f"it has more than {MAX_BYTES >> 20} MiB")
    # What CPython takes for each list or object, for each element, and for text.
    expected = len(text) + 72 * (text.count(b"[") + text.count(b"{")) + 40 * text.count(b",")
    if expected > MAX_MEMORY:
        raise UsageError(f"its lists and objects would take more than {MAX_MEMORY >> 20} MiB")
    try:
        document = json.loads(text.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UsageError("it is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise UsageError(f"it is not JSON ({place}: {error.msg})") from None
    except ValueError:  # Python's own limit
        raise UsageError("it has a number of thousands of digits") from None
    except RecursionError:
        raise UsageError("its lists and objects are nested too deep") from None
    if not isinstance(document, dict):
        raise UsageError("it is not an object with nodes and edges")
    return document


class _Link(NamedTuple):
    """An edge between ids of the document; an operand has a number, a result none."""

    source: str
    target: str
    arg: int | None
    contribution: Value | None


class _Reader:
    """Reads one document; ``ids`` are those of the graph by those of the document."""

    def __init__(self, document: Cursor) -> None:
        self.document = document
        self.head = (document.get("graph") or Cursor({}, document, "graph")).known(HEAD)
        self.nodes: dict[str, Cursor] = {}
        self.functions: set[str] = set()
        self.operands: dict[str, list[_Link]] = {}
        self.results: dict[str, list[_Link]] = {}
        self.makers: dict[str, str] = {}
        self.ids: dict[str, str] = {}

    def graph(self) -> Graph:
        """Read all of it."""
        if schema := self.document.get("schema"):
            schema.choice(SCHEMAS)
        if self.head.list_of("repeats"):
            self.head.need("repeats").fail(
                "it is folded, and has what repeats only once", "write it with --fold none"
            )
        self.read_nodes()
        self.read_edges()
        order, circle = in_order(self.nodes, self.before)
        if circle is not None:
            self.nodes[circle].fail("it is computed from itself: its edges form a circle")
        self.number(order)
        outputs = self.outputs(order)
        generations: dict[str, int] = {}
        made: dict[str, VariableNode | FunctionNode] = {}
        for id in order:
            made[id] = self.node(id, generations, outputs)
        part = self.head.get("part_of")
        ends = [node for id in outputs if isinstance(node := made[id], VariableNode)]
        expression, title = (_text(self.head.get(name)) for name in ("expression", "title"))
        level, trouble, flows = map(self.head.get, ("order", "trouble", "contributions"))
        drawn = Graph(
            nodes=tuple(made.values()),
            edges=tuple(self.edges(order)),
            outputs=tuple([self.ids[id] for id in outputs]),
            expression=expression,
            title=expression if title is None else title,
            order=0 if level is None else level.whole(most=100),
            events=tuple(self.events()),
            part=None if part is None else Part(part.whole(), self.cut(), tuple(ends)),
            passes=self.passes(),
            flows=self.passes_of(flows),
            changed=self.changed(),
            groups=tuple(self.groups()),
            derivatives=self.derivatives(),
            engine=_text(self.head.get("engine")),
        )
        told = self.head.list_of("troubles") or ([] if trouble is None else [trouble])
        found = tuple(map(self.trouble, told)) or troubles_of(drawn.nodes, drawn.edges)
        return drawn._replace(troubles=found)

    def derivatives(self) -> Derivatives | None:
        """Read the values of a function and its derivatives."""
        place = self.head.get("derivatives")
        if place is None:
            return None
        names = [each.text() for each in place.known(DERIVATIVES).list_of("names")]
        values = [read_value(each) for each in place.list_of("values")]
        if len(names) - len(values) not in (0, 1):
            place.fail("there is a name for each value, and one more for the next derivative")
        return Derivatives(tuple(names), tuple(values), _text(place.get("by")))

    def passes(self) -> tuple[Passes | None, ...]:
        """Read which passes made the gradients.

        Of a graph by another engine that does not say, nobody knows.
        """
        given = self.head.list_of("passes")
        if not given:
            return () if self.is_old() else (UNKNOWN,)
        passes = tuple(map(_passes, given))
        return () if passes == (None,) else passes

    def passes_of(self, flows: Cursor | None) -> Passes | None:
        """Read which passes made the contributions; unless told, those that made the gradients."""
        if flows is not None:
            return _passes(flows)
        links = (link for found in self.operands.values() for link in found)
        if all(link.contribution is None for link in links):
            return None
        return None if self.is_old() or self.head.get("passes") else UNKNOWN

    def is_old(self) -> bool:
        """Whether it says nothing of gradients that are the derivatives of the outputs."""
        schema = self.document.get("schema")
        return schema is not None and str(schema.value).endswith("/1")

    def read_nodes(self) -> None:
        """Find the nodes, and tell Variables from Functions."""
        nodes = self.document.need("nodes")
        for node in nodes.items():
            place = node.need("id")
            id = str(place.value) if type(place.value) is int else place.text()
            if id in self.nodes:
                place.fail(f"there are two nodes {short(id)}")
            kind = node.get("kind")
            is_function = "op" in node.value if kind is None else kind.choice(_NODES) == "function"
            if is_function:
                self.functions.add(id)
            self.nodes[id] = node.known(FUNCTION if id in self.functions else VARIABLE)
        if not self.nodes:
            nodes.fail("a graph has at least one node")

    def read_edges(self) -> None:
        """Find the operands of each Function, in their order, and its results."""
        links = self.document.get("edges") or self.document.get("links")
        for edge in () if links is None else links.items():
            edge.known(EDGE)
            source, target = (self.end(edge.need(name)) for name in ("source", "target"))
            if (source in self.functions) == (target in self.functions):
                both = "functions" if source in self.functions else "variables"
                edge.fail(
                    f"it joins two {both}; variables lead to functions, and they to variables"
                )
            if target in self.functions:
                found = self.operands.setdefault(target, [])
                arg = edge.get("arg")
                number = len(found) if arg is None else arg.whole(most=10**6)
                if any(link.arg == number for link in found[-1000:]):
                    (arg or edge).fail(f"{short(target)} has two operands of the number {number}")
                found.append(_Link(source, target, number, read_value(edge.get("contribution"))))
                continue
            if target in self.makers:
                edge.fail(f"{short(target)} is made by two functions")
            self.makers[target] = source
            self.results.setdefault(source, []).append(_Link(source, target, None, None))
        for found in self.operands.values():
            found.sort(key=lambda link: link.arg or 0)

    def end(self, place: Cursor) -> str:
        """Read an end of an edge, or the id of another node."""
        id = str(place.value) if type(place.value) is int else place.text()
        if id not in self.nodes:
            place.fail(f"there is no node {short(id)}")
        return id

    def before(self, id: str) -> list[str]:
        """Return the nodes from which edges lead to a node."""
        if id in self.functions:
            return [link.source for link in self.operands.get(id, ())]
        return [self.makers[id]] if id in self.makers else []

    def number(self, order: list[str]) -> None:
        """Give the nodes our ids; a document that has them keeps them."""
        letters = {id: "f" if id in self.functions else "v" for id in order}
        if all(
            re.fullmatch(f"{letter}(0|[1-9][0-9]{{0,8}})", id) for id, letter in letters.items()
        ):
            self.ids = {id: id for id in order}
            return
        counts = {"f": 0, "v": 0}
        for id, letter in letters.items():
            self.ids[id] = f"{letter}{counts[letter]}"
            counts[letter] += 1

    def outputs(self, order: list[str]) -> list[str]:
        """Read which are the outputs, or take the Variables from which nothing is computed."""
        given = self.head.list_of("outputs")
        outputs = list(map(self.end, given))
        for id, place in zip(outputs, given, strict=True):
            if id in self.functions:
                place.fail(f"{short(id)} is a function; an output is a variable")
        if not outputs:
            used = {link.source for links in self.operands.values() for link in links}
            outputs = [id for id in order if id not in used and id not in self.functions]
        if not outputs:
            self.head.fail("the graph has no outputs: no variable is the end of it")
        return outputs

    def node(
        self, id: str, generations: dict[str, int], outputs: list[str]
    ) -> VariableNode | FunctionNode:
        """Make a node; those before it have their generations."""
        place = self.nodes[id]
        operands = self.before(id)
        given, level = place.get("generation"), place.get("order")
        later = id not in self.functions and bool(operands)
        derived = max((generations[other] for other in operands), default=0) + later
        generation = generations[id] = derived if given is None else given.whole()
        order = 0 if level is None else level.whole(most=100)
        if id in self.functions:
            return self.function(id, place, generation, order)
        return self.variable(id, place, generation, order, is_output=id in outputs)

    def function(self, id: str, place: Cursor, generation: int, order: int) -> FunctionNode:
        """Make the node of a Function."""
        op, label = _text(place.get("op")), _text(place.get("label"))
        if op is None and label is None:
            place.fail("a function has an 'op' or a 'label'")
        span, source = place.list_of("span"), place.list_of("source")
        if span and len(span) != 2:
            place.need("span").fail("two numbers belong here, where it begins and ends")
        if source and len(source) != 2:
            place.need("source").fail("a file's name and a line belong here")
        return FunctionNode(
            id=self.ids[id],
            op=str(label if op is None else op),
            label=str(op if label is None else label),
            generation=generation,
            order=order,
            span=(span[0].whole(), span[1].whole()) if span else None,
            source=(source[0].text(), source[1].whole()) if source else None,
            origin=_text(place.get("origin")),
            detail=_text(place.get("detail")),
            back=None if (back := place.get("back")) is None else back.whole(),
            parameters=_parameters(place.get("parameters")),
        )

    def variable(
        self, id: str, place: Cursor, generation: int, order: int, *, is_output: bool
    ) -> VariableNode:
        """Make the node of a Variable."""
        dtype = place.get("dtype")
        shape = place.get("shape")
        known = None if shape is None else tuple([each.whole() for each in shape.items()])
        data = read_value(place.get("data"), _text(dtype), known)
        if data is None:
            data = Range(1, known or (), None, None)
        empty = known if known is not None and not math.prod(known) else None
        grad, was, seed = (
            read_value(place.get(name), shape=empty) for name in ("grad", "grad_was", "seed")
        )
        state, role = place.get("grad_state"), place.get("role")
        leaf = id not in self.makers
        constant = (role and role.value == "constant") or (state and state.value == "constant")
        if state is not None:
            told = state.choice(STATES)
        elif grad is not None:
            told = "leaf" if leaf else "retained"
        else:
            told = "released" if was is not None else "constant" if constant else "none"
        derived = "output" if is_output else "constant" if constant else "input"
        array, grad_array = (place.get(name) for name in ("array", "grad_array"))
        passes = place.get("passes")
        return VariableNode(
            id=self.ids[id],
            name=_text(place.get("name")),
            role=role.choice(ROLES) if role else derived if leaf or is_output else "intermediate",
            shape=known if known is not None else getattr(data, "shape", ()),
            dtype=_text(dtype) or str(getattr(data, "dtype", "float64")),
            data=data,
            grad=grad,
            grad_state=told,
            grad_was=was,
            seed=seed,
            generation=generation,
            order=order,
            array=None if array is None else array.whole(),
            grad_array=None if grad_array is None else grad_array.whole(),
            grad_variable=self.gradient_of(place.get("grad_variable")),
            passes=None if passes is None else _passes(passes),
            letter=_text(place.get("letter")) or "v",
            grad_note=_text(place.get("grad_note")),
        )

    def gradient_of(self, place: Cursor | None) -> str | None:
        """Read of which Variable a gradient is the data: one of the graph, or another's number."""
        if place is None:
            return None
        return place.text() if re.fullmatch("g[0-9]{1,9}", place.text()) else self.ref(place)

    def edges(self, order: list[str]) -> Iterator[Edge]:
        """Make the edges, those to a node before it; of equal ends each has its key."""
        for id in order:
            if id in self.functions:
                uses: dict[str, int] = {}
                for source, target, arg, contribution in self.operands.get(id, ()):
                    key = uses[source] = uses.get(source, -1) + 1
                    ends = self.ids[source], self.ids[target]
                    yield Edge(*ends, key, arg, contribution)
            elif id in self.makers:
                yield Edge(self.ids[self.makers[id]], self.ids[id], 0)

    def cut(self) -> dict[str, int]:
        """Read how many edges of nodes lead out of the part."""
        cuts = ((id, place.get("cut")) for id, place in self.nodes.items())
        return {self.ids[id]: cut.whole() for id, cut in cuts if cut is not None}

    def ref(self, place: Cursor) -> str:
        """Read the id of a node."""
        return self.ids[self.end(place)]

    def changed(self) -> Changed | None:
        """Read which data was changed after Functions had computed with it."""
        results, unknown = (
            tuple([_changed(self, place) for place in self.head.list_of(name)])
            for name in ("changed", "unknown")
        )
        return Changed(results, unknown) if results or unknown else None

    def groups(self) -> Iterator[Group]:
        """Read which nodes belong together; a frame stands after the one that it lies in."""
        ids: dict[str, str] = {}
        framed: set[str] = set()
        for place in self.head.list_of("frames"):
            name, parent = place.known(FRAME).need("id").text(), place.get("parent")
            if name in ids:
                place.need("id").fail(f"there are two frames {short(name)}")
            if parent is not None and parent.text() not in ids:
                parent.fail(f"no frame {short(parent.value)} stands before it")
            nodes = []
            for each in place.list_of("nodes"):
                nodes.append(self.ref(each))
                if nodes[-1] in framed:
                    each.fail(f"{short(each.value)} is in two frames, none of them in the other")
                framed.add(nodes[-1])
            ids[name] = f"m{len(ids)}"
            yield Group(
                id=ids[name],
                name=_text(place.get("name")) or name,
                kind=_text(place.get("kind")) or "frame",
                nodes=tuple(nodes),
                parent=None if parent is None else ids[parent.text()],
                operands=tuple([self.ref(each) for each in place.list_of("operands")]),
                parameters=tuple([self.variable_of(e) for e in place.list_of("parameters")]),
            )

    def variable_of(self, place: Cursor) -> str:
        """Read the id of a Variable where there has to be one."""
        return str(self.variable_ref(place))

    def trouble(self, place: Cursor) -> Trouble:
        """Read where a NaN or an infinity first appeared."""
        place.known(TROUBLE)
        argument, of, at = (place.get(name) for name in ("argument", "of", "at"))
        function = place.need("function")
        operands = {link.source for link in self.operands.get(self.end(function), ())}
        for each in (argument, of):
            if each is not None and self.end(each) not in operands:
                each.fail(f"{short(each.value)} is no operand of {short(function.value)}")
        return Trouble(
            function=str(self.function_ref(function)),
            argument=None if argument is None else self.ref(argument),
            kind=place.need("kind").choice(("NaN", "infinity")),
            bad=place.need("bad").whole(),
            size=place.need("size").whole(),
            place=tuple([each.whole() for each in place.list_of("place")]),
            at=None if at is None else _number(at),
            of=None if of is None else self.ref(of),
            parts=tuple([_number(each) for each in place.list_of("parts")]),
            value=math.nan if (value := place.get("value")) is None else _number(value),
        )

    def events(self) -> Iterator[Event]:
        """Read what happened."""
        turn = 0
        operands = {
            (self.ids[link.target], link.arg): self.ids[link.source]
            for links in self.operands.values()
            for link in links
        }
        for place in self.document.list_of("events"):
            kind = place.known(EVENT).need("event").choice(KINDS)
            for name in NEEDS[kind]:
                place.need(name)
            before, turn = turn, place.need("turn").whole(most=1000)
            if turn < before:
                place.need("turn").fail("passes follow one another, and this one is over")
            function, variable, arg = map(place.get, ("function", "variable", "arg"))
            waiting = place.get("waiting")
            event = Event(
                kind=kind,
                turn=turn,
                function=self.function_ref(function),
                variable=self.variable_ref(variable),
                arg=None if arg is None else arg.whole(),
                value=read_value(place.get("value")),
                upstream=read_value(place.get("upstream")),
                local=read_value(place.get("local")),
                formula=_text(place.get("formula")),
                queue=tuple([str(self.function_ref(each)) for each in place.list_of("queue")]),
                waiting=0 if waiting is None else waiting.whole(),
            )
            if kind == "rule" and operands.get((str(event.function), event.arg)) != event.variable:
                place.fail("its variable is not this operand of its function")
            yield event

    def function_ref(self, place: Cursor | None) -> str | None:
        """Read the id of a Function."""
        if place is not None and self.end(place) not in self.functions:
            place.fail(f"{short(place.value)} is no function")
        return None if place is None else self.ref(place)

    def variable_ref(self, place: Cursor | None) -> str | None:
        """Read the id of a Variable."""
        if place is not None and self.end(place) in self.functions:
            place.fail(f"{short(place.value)} is no variable")
        return None if place is None else self.ref(place)


_NODES = ("variable", "function")


def _text(place: Cursor | None) -> str | None:
    return None if place is None else place.text()


def _number(place: Cursor) -> float:
    """Read a number, finite or not."""
    if isinstance(place.value, list | dict):
        place.fail(f"one number belongs here, not {place.kind}")
    value: Any = read_value(place)
    return float(value)


def _passes(place: Cursor) -> Passes | None:
    """Read which passes made a gradient; null are those that are drawn."""
    if place.value is None:
        return None
    place.known(PASSES)
    seed = place.get("seed")
    flags = {
        name: flag.flag()
        for name in ("drawn", "assigned", "changed", "various")
        if (flag := place.get(name)) is not None
    }
    return Passes(
        times=place.need("times").whole(),
        of=tuple([each.text() for each in place.list_of("of")]),
        seed=seed is not None and (seed.value if isinstance(seed.value, bool) else _number(seed)),
        **flags,
    )


def _parameters(place: Cursor | None) -> Parameters | None:
    """Read what the parameters of a folded module are together."""
    if place is None:
        return None
    place.known(PARAMETERS)
    data, *grads = (place.get(name) for name in ("data", "grad", "grad_was"))
    grad, was = (None if each is None else read_range(each) for each in grads)
    count, missing = place.need("tensors").whole(), place.get("missing")
    passes = place.get("passes")
    return Parameters(
        tensors=count,
        data=Range(count, (), None, None) if data is None else read_range(data),
        grad=grad,
        grad_was=was,
        missing=(count if grad is None else 0) if missing is None else missing.whole(most=count),
        note=_text(place.get("note")),
        passes=None if passes is None else _passes(passes),
    )


def _changed(reader: _Reader, place: Cursor) -> tuple[str, str]:
    """Read a Variable whose data was changed, with what it is called."""
    if isinstance(place.value, dict):
        place.known(("id", "name"))
        return reader.ref(place.need("id")), place.need("name").text()
    return reader.ref(place), place.text()
