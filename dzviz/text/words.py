"""From facts to words: numbers, arrays, labels, captions, descriptions, for people.

The same words stand in every format. It knows no format and no colour; escaping is a format's own.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import copysign, inf, isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dzviz.graph.columns import Edges, Nodes
from dzviz.graph.duplicates import original
from dzviz.graph.model import Edge, FunctionNode, Graph, Passes, Value, VariableNode
from dzviz.graph.nonfinite import kind_of
from dzviz.graph.ranges import Range
from dzviz.graph.rounded import bound_of, extreme, is_zero, mean
from dzviz.options import Look

MAX_NAME = 200
"""Longer names are cut: dot refuses strings past 16 KB, and a reader gives up long before."""

MAX_DESCRIBED = 40
"""A description tells each step of graphs with at most so many Functions."""

MAX_ON_EDGE = 24
"""Of longer arrays an edge says the range: a graph is as wide as what stands on its edges."""

MAX_BESIDE = 1
"""What a gradient was stands beside ``None`` with so many characters, longer ones below it."""

MAX_ALT = 500
"""An alternative text is no longer: it is read aloud in one go."""


IN_PLACE = (1e-4, 1e6)
"""From the first on, below the second, digits stand in their places; else there is an exponent."""

MOST_NAMES = 6
"""So many names are told one by one."""

FULL = 12
"""With more digits a number is written as it is, without a word about rounding."""

EXACT = Look(precision=FULL, max_elements=64)
"""How numbers are written where there is room for more digits."""

NOISE = "~0"
"""What is no larger than the error that rounding may have made."""


ROUGH = 1e-5
"""What may be off by a larger part of it is written as it is."""

NOISE_TOLD = f"{NOISE}: no larger than what rounding can make"


def number(value: Any, precision: int = 4, bound: float = 0.0) -> str:
    """Write a number for people.

    An exact value is as short as it can be (``1``, ``0.5``, ``10000``), a rounded one keeps its
    zeros (``1.000`` for 1.00001). From 1e-4 up to 1e6 digits stand in their places; nothing that
    is not zero is written ``0``.

    Where the ``bound`` of its error is known, a number that may be 0 is written ``~0``, one that
    may be short is so, and one that may lie in the middle of two is rounded up: a last bit that
    another processor computes otherwise changes no digit.
    """
    if isinstance(value, float):
        x = float(value)
    elif isinstance(value, bool | np.bool_ | int | np.integer):
        return str(value)
    elif isinstance(value, np.ndarray):  # of no dimension; also of a truth value
        known = bound_of(value)
        return number(value[()], precision, bound if known is None else float(known))
    else:
        x = float(str(value))  # float32(0.1) is 0.1
    if bound > 0 and precision <= FULL and abs(x) <= bound < inf:
        return NOISE
    if 0 < bound <= ROUGH * abs(x) and precision <= FULL and isfinite(x):
        away = x + copysign(bound, x)
        short = float(_ROUNDED[precision] % away)
        x = short if abs(short - x) <= bound else away
    text = _ROUNDED[precision] % x
    if float(text) == x:  # so are the infinities
        text = f"{x:.{precision}g}" if x else "0"
    elif x != x:
        return "NaN"
    if "e" not in text:
        return text.rstrip(".")
    if IN_PLACE[0] <= abs(x) < IN_PLACE[1]:
        return f"{x:.0f}" if abs(x) >= 1 else f"{x:.{precision + 3}f}".rstrip("0")
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa.rstrip('.')}e{int(exponent)}"


_ROUNDED = [f"%#.{precision}g" for precision in range(18)]
"""How a number is rounded; to write this anew for each one takes half as long again."""


def value_lines(value: Value, look: Look) -> list[str]:
    """Write a number, or an array: small ones in full, in rows; large ones by what they span."""
    if isinstance(value, Range):
        return _range_lines(value, look)
    if isinstance(value, float) or not np.ndim(value):
        return [number(value, look.precision)]
    if value.size > look.max_elements or value.size == 0:
        return _with_shape(value, [summary(value, look) if value.size else "empty"], look)
    rows = [_row(row) for row in _elements(value, look).reshape(-1, value.shape[-1])]
    return rows if value.ndim == 1 and "shape" not in look.show else _with_shape(value, rows, look)


def _with_shape(value: Value, lines: list[str], look: Look) -> list[str]:
    """Put an array's shape before what is said of it, unless it is hidden."""
    return lines if "shape" in look.hide else [str(value.shape), *lines]


def value_text(value: Value, look: Look) -> str:
    """Write a number or an array on one line: ``[[1, 2], [3, 4]]``."""
    if isinstance(value, Range):
        return " ".join(_range_lines(value, look))
    if not np.ndim(value):
        return number(value, look.precision)
    if value.size > look.max_elements or value.size == 0:
        return " ".join(value_lines(value, look))
    return _nested(_elements(value, look))


def summary(value: Value, look: Look, *, average: bool = True) -> str:
    """Write the range and the ``average`` of an array's finite elements, and count the others."""
    counts = []
    bounds = bound_of(value)
    value = np.asarray(value)
    sound = np.isfinite(value)
    finite = value[sound]
    bounds = None if bounds is None else bounds[sound]
    if finite.size < value.size:
        kinds = ("NaN", np.isnan(value)), ("inf", value == np.inf), ("-inf", value == -np.inf)
        found = [(word, int(np.count_nonzero(where))) for word, where in kinds]
        counts = [f"{count} {word}" for word, count in found if count]
    if finite.size:
        with np.errstate(all="ignore"):
            ends = extreme(finite, bounds), extreme(finite, bounds, high=True)
            low, high, middle = (number(x, look.precision) for x in (*ends, mean(finite, bounds)))
        span = low if low == high else f"{low} .. {high}{f', mean {middle}' if average else ''}"
        counts.insert(0, f"all {span}" if low == high and not counts else span)
    return ", ".join(counts)


def variable_lines(node: VariableNode, look: Look) -> list[str]:
    """Say of a Variable, in few lines, its name, data, seed and gradient."""
    lines = [name] if node.name and (name := clean(node.name)) and look.says("name") else []
    if node.mark == "ahead":
        return lines
    if look.says("data"):
        word = "constant" if node.role == "constant" else "data"
        lines += _worded(word, node.data, look, dtype_word(node, look))
    lines += type_lines(node, look)
    if look.says("grad"):
        if node.seed is not None:
            lines += _worded("seed", node.seed, look)
        lines += grad_lines(node, look)
    return lines


def dtype_word(node: VariableNode, look: Look) -> str:
    """Return what stands behind data for their type: `` float32``; nothing for the usual types."""
    typed = look.says("dtype") and ("dtype" in look.show or node.dtype not in ("float64", "bool"))
    return f" {node.dtype}" if typed else ""


def type_lines(node: VariableNode, look: Look) -> list[str]:
    """Say the shape and the dtype that were asked for where there are no data to say them."""
    told = [("shape", node.shape), ("dtype", node.dtype)] if not look.says("data") else []
    return [f"{word} {what}" for word, what in told if word in look.show and look.says(word)]


def grad_lines(node: VariableNode, look: Look) -> list[str]:
    """Say in which state the gradient is, as Python would print it."""
    if node.grad_state == "constant" or node.mark == "ahead":
        return []
    if node.grad is None and node.grad_was is None:
        return ["grad None"] if node.grad_state == "none" else ["grad None (released)"]
    zero = ["zero gradient"] if variable_trouble(node) == "zero" else []
    note = [] if node.passes is None else [f"({passes_note(node.passes)})"]
    if node.grad is not None:
        lines = _worded("grad", node.grad, look) + note
        return [*([" ".join(lines)] if len(lines) == 2 and note else lines), *zero]
    zero = note + zero
    was = was_lines(value_lines(node.grad_was, look))
    joined = len(was) == 1 and len(was[0]) <= len("(was )") + MAX_BESIDE
    return [f"grad None {was[0]}", *zero] if joined else ["grad None", *was, *zero]


def was_lines(lines: list[str]) -> list[str]:
    """Say of a value that it was; one with lines or brackets of its own gets no more of them."""
    first, *rest = lines
    return [f"was {first}", *rest] if rest or first.startswith("(") else [f"(was {first})"]


def passes_note(passes: Passes) -> str:
    """Say in a node what its gradient is, in short: ``2 passes``, ``of y``."""
    if passes.various:
        return "several passes"
    if passes.changed:
        return "changed since"
    if not passes.times:
        return "assigned"
    if passes.times == 1 and not passes.assigned:
        return f"of {clean(passes.of[0], 20)}"
    return f"{'assigned, ' if passes.assigned else ''}{_passes(passes)}"


def passes_phrase(passes: Passes) -> str:
    """Say what a gradient is: ``added up over 2 passes of y``, ``from backward of y``."""
    of = [clean(each) for each in passes.of]
    several = listed(of[:-1], ", ") + f" and {of[-1]}" if len(of) > 1 else "".join(of)
    if passes.various:
        return "not the same for all that is drawn here once"
    if not passes.times:
        return "assigned by hand"
    if passes.times == 1 and not passes.assigned:
        text = f"from backward of {several}"
    else:
        comma = "," if len(of) > 1 else ""
        how = "assigned by hand, then added to by" if passes.assigned else "added up over"
        text = f"{how} {_passes(passes)}{comma} of {several}"
    if passes.seed is not False:
        text += f" from seed{'s' if passes.seed is True else f' {number(passes.seed)}'}"
    return f"{text}; it or data has changed since" if passes.changed else text


def _passes(passes: Passes) -> str:
    return f"{grouped(passes.times)} pass{'' if passes.times == 1 else 'es'}"


def on_one_line(lines: Iterable[str]) -> str:
    """Join what the lines of a label say: ``data 9, grad None (was -7.788)``."""
    return ", ".join(lines).replace(", (was ", " (was ")


def roomiest(graph: Graph) -> Graph:
    """Return the graph in the state of its gradients in which its labels need most room.

    A picture that leaves this room places every node at the same spot, whether the gradients are
    kept, released or not computed.
    """
    return graph._replace(
        nodes=tuple(
            node._replace(grad=None, grad_state="released", grad_was=node.grad)
            if isinstance(node, VariableNode) and node.grad_state == "retained"
            else node
            for node in graph.nodes
        )
    )


def variable_trouble(node: VariableNode) -> str:
    """Say what stands out: ``NaN`` or ``infinity`` in data or gradient, a ``zero`` gradient.

    A gradient counts as zero that is no more than rounding.
    """
    data, gradient = node.data, gradient_of(node)
    if isinstance(data, float) and isfinite(data):
        if gradient is None:
            return ""
        if isinstance(gradient, float) and isfinite(gradient):
            return "" if gradient else "zero"
    for value in (data, gradient):
        if value is not None and (kind := kind_of(value)):
            return kind
    if isinstance(gradient, Range):
        return "zero" if gradient.zero else ""
    return "zero" if gradient is not None and np.size(gradient) and is_zero(gradient) else ""


def gradient_of(node: VariableNode) -> Value | None:
    """Return a Variable's gradient, kept or released."""
    return node.grad if node.grad is not None else node.grad_was


def variable_fact(node: VariableNode) -> str:
    """Say all of a Variable but for its name, on one line."""
    return on_one_line(exact_lines(node))


def exact_lines(node: VariableNode) -> list[str]:
    """Say all of a Variable at full precision, but for its name."""
    if node.mark == "ahead":
        lines = ["not computed yet"]
    else:
        lines = variable_lines(node._replace(name=None) if node.name else node, EXACT)
    if node.passes is not None and node.mark != "ahead":
        lines.append(f"grad {passes_phrase(node.passes)}")
    return [f"{node.role}, generation {node.generation}", *lines]


def function_lines(node: FunctionNode, look: Look, graph: Graph) -> list[str]:
    """Say what the user wrote for a Function, its generation, and of which derivative it is."""
    lines = [clean(node.label)]
    if look.says("generation") and not (graph.folded and node.id in graph.folded.members):
        lines.append(f"gen {node.generation}")
    if node.order:
        lines.append(
            f"{order_name(node.order)}{f' of {clean(node.origin)}' if node.origin else ''}"
        )
    if graph.trouble and graph.trouble.function == node.id:
        lines.append(f"first {graph.trouble.kind}{_time_of_trouble(node, graph)}")
    return lines


def function_fact(node: FunctionNode) -> str:
    """Say all of a Function but for its label."""
    facts = [clean(node.op), f"generation {node.generation}"]
    if node.order:
        facts.append(f"part of {order_name(node.order)}")
    if node.origin:
        facts.append(f"from the derivative of {clean(node.origin)}")
    if node.source:
        facts.append(f"{clean(node.source[0])}:{node.source[1]}")
    return ", ".join(facts)


def order_name(order: int) -> str:
    """Name an order of derivatives: ``f``, ``f'``, ``f''``, ``f'''``, ``f(4)``."""
    return "f" + "'" * order if order <= 3 else f"f({order})"


def edge_label(edge: Edge, look: Look) -> str:
    """Say what flowed back along an edge, in short."""
    return f"grad {contribution_text(edge.contribution, look)}"


def contribution_text(value: Value, look: Look) -> str:
    """Write what flowed back as it stands on an edge: in full what is short, else its range."""
    text = ", ".join(value_lines(value, look))
    if len(text) <= MAX_ON_EDGE or isinstance(value, Range) or not np.ndim(value):
        return text
    return ", ".join(_with_shape(value, [summary(value, look, average=False)], look))


def edge_fact(edge: Edge, look: Look) -> str:
    """Say what flowed back along an edge, in a sentence."""
    return f"back along it flowed grad {', '.join(value_lines(edge.contribution, look))}"


def labelled_edges(graph: Graph, look: Look) -> Callable[[Edge], bool] | None:
    """Return whether an edge says what flowed back along it; None where no edge does.

    With ``contributions`` auto those do where it tells what the node does not: of Variables that
    are used more than once.
    """
    edges = graph.edges
    if look.contributions == "none" or not look.says("grad"):
        return None
    if isinstance(edges, Edges) and not edges.told:
        return None
    if look.contributions == "all":
        return lambda edge: edge.contribution is not None
    if isinstance(edges, Edges):
        again = edges.again
        return lambda edge: edge.contribution is not None and bool(again[int(edge.source[1:])])
    uses = Counter(original(edge.source) for edge in edges if edge.contribution is not None)
    several = {id for id, count in uses.items() if count > 1}
    return lambda edge: edge.contribution is not None and original(edge.source) in several


def labelled_operands(graph: Graph, look: Look) -> NDArray[np.bool_]:
    """Return what `labelled_edges` says of each operand's edge, for the steps of a large graph."""
    edges = graph.edges
    assert isinstance(edges, Edges)
    rows = edges.rows
    if rows.contribution is None or labelled_edges(graph, look) is None:
        return np.zeros(len(rows.operand), bool)
    told = ~np.isnan(rows.contribution)
    return told if look.contributions == "all" else told & edges.again[rows.operand]


def caption_lines(graph: Graph, look: Look, *, signs: str = "", drawn: bool = True) -> list[str]:
    """Say what is shown, of what the gradients are, and what the signs of a ``drawn`` one mean.

    ``signs`` are those of its style.
    """
    from dzviz.text import captions  # which writes with these words

    lines = []
    if title := graph.title if look.title is None else look.title:
        lines += wrap(clean(title, 10_000), 100)
    nodes = graph.nodes.samples if isinstance(graph.nodes, Nodes) else graph.nodes
    flows = graph.flows is not None and labelled_edges(graph, look) is not None
    lines += captions.caption(graph, graded=_graded(nodes, look), flows=flows)
    if graph.part is not None:
        count = counted(represented(graph), of=graph.part.nodes)
        lines.append(f"{count}; +n more: edges that lead out of this part")
    lines += _told_of_copies(nodes, look)
    if graph.folded is not None and look.legend != "off":
        said = look.says("data") or look.says("grad")
        notes = ["a .. b: range over all times"] if said else []
        if drawn:
            notes = ["frame: what repeats", *notes, "dashed arrow: to a later time"]
        lines += ["; ".join(notes)] if notes else []
    if look.legend == "on" or (look.legend == "auto" and graph.order):
        lines += legend_lines(graph, look, signs)
    if look.legend != "off" and any(NOISE in value_text(v, look) for v in _bounded(graph, look)):
        lines.append(NOISE_TOLD)
    return lines


def _bounded(graph: Graph, look: Look) -> Iterator[Value]:
    """All values of a graph of which it is known how exact they are, and which its picture says."""
    nodes, edges = graph.nodes, graph.edges
    values: list[Any] = [event.value for event in graph.events]
    for node in nodes.whole if isinstance(nodes, Nodes) else nodes:
        if isinstance(node, VariableNode):
            values += [node.data] if look.says("data") else []
            values += [node.grad, node.grad_was] if look.says("grad") else []
    if labelled_edges(graph, look) is not None:
        values += [e.contribution for e in (edges.whole if isinstance(edges, Edges) else edges)]
    for value in values:
        ends = (value.low, value.high, value.last) if isinstance(value, Range) else (value,)
        if any(bound_of(end) is not None for end in ends):
            yield value


def _graded(nodes: Iterable[VariableNode | FunctionNode], look: Look) -> bool:
    """Whether any of these nodes says its gradient."""
    return look.says("grad") and any(
        isinstance(node, VariableNode) and node.grad_state in ("leaf", "retained", "released")
        for node in nodes
    )


def _told_of_copies(nodes: Iterable[VariableNode | FunctionNode], look: Look) -> list[str]:
    """Say which inputs have several nodes, as `dzviz.graph.duplicates.spread` makes them."""
    copies = [
        node
        for node in nodes
        if isinstance(node, VariableNode) and node.name and original(node.id) != node.id
    ]
    if not copies or not look.says("name"):
        return []
    names = listed(dict.fromkeys(clean(copy.name) for copy in copies), ", ")
    of_all = "; the gradient is that of all uses" if _graded(copies, look) else ""
    return wrap(f"{names}: drawn beside each use{of_all}", 100)


def listed(names: Iterable[str], separator: str) -> str:
    """Join names, of many only the first two and the last one."""
    few = list(names)
    if len(few) > MOST_NAMES:
        few[2:-1] = ["..."]
    return separator.join(few)


def legend_lines(graph: Graph, look: Look, signs: str) -> list[str]:
    """Explain the signs of this graph."""
    lines = []
    if graph.order:
        orders = [
            f"{order_name(order)}: its {_ordinal(order)} derivative" if order else "f: the function"
            for order in sorted({node.order for node in graph.nodes})
        ]
        lines += wrap(", ".join(orders), 100)
    if look.legend == "on":
        lines += [signs] if signs else []
        if look.says("generation"):
            lines.append("gen: generation; backward goes from the highest to the lowest")
        states = {n.grad_state for n in graph.nodes if isinstance(n, VariableNode)}
        seed = "; seed: what backward starts from there" if look.says("grad") else ""
        lines.append(f"thick box: output{seed}")
        if "released" in states:
            was = " (was ...)" if look.says("grad") else ""
            lines.append(f"dashed: the gradient was computed{was} and not kept")
        labelled = labelled_edges(graph, look)
        if labelled and any(map(labelled, graph.edges)):
            lines.append("grad on an edge: what flowed back along it")
    return lines


def derivative_of(
    graph: Graph, factor: str = "", outputs: Sequence[VariableNode] | None = None
) -> str:
    """Say of what with respect to what a gradient is: ``dy/d(node)``; ``factor`` is the seed's."""
    outputs = outputs_of(graph) if outputs is None else outputs
    names = [clean(node.name) or "output" for node in outputs]
    if len(names) == 1 and not outputs[0].shape:
        return f"{factor}d{names[0] if len(names[0]) == 1 else f'({names[0]})'}/d(node)"
    terms = [
        f"sum of {factor}{name}" if node.shape else f"{factor}{name}"
        for name, node in zip(names, outputs, strict=True)
    ]
    return f"d({listed(terms, ' + ')})/d(node)"


def alt_text(graph: Graph, look: Look) -> str:
    """Describe a picture that stands in a text, after its title if it was given one.

    Where that would be long, its inputs and outputs are told and not every step.
    """
    title = clean(look.title).strip().rstrip(".")
    title = f"{title}. " if title else ""
    text = title + description(graph, look)
    if len(text) > MAX_ALT:
        text = title + description(graph, look, steps=False)
    return clean(text, MAX_ALT)


def description(graph: Graph, look: Look, *, steps: bool = True) -> str:
    """Describe the whole picture in sentences, for who cannot see it; each step if ``steps``."""
    from dzviz.text import captions  # which writes with these words

    nodes = [node for node in graph.nodes if original(node.id) == node.id]
    variables = [node for node in nodes if isinstance(node, VariableNode)]
    functions = [node for node in nodes if isinstance(node, FunctionNode)]
    names = {node.id: reference(node) for node in variables}
    what = f" of {clean(graph.title)}" if graph.title else ""
    sentences = [
        f"Computational graph{what}: {plural(len(variables), 'variable')}, "
        f"{plural(len(functions), 'function')}."
    ]
    if graph.part is not None:
        sentences.append(f"It is a part: {counted(represented(graph), of=graph.part.nodes)}.")
    if graph.folded is not None:
        ranged = look.says("data") or look.says("grad")
        sentences.append(
            f"What repeats is told once{', with the range of its values' if ranged else ''}."
        )
    graded = look.says("grad") and any(gradient_of(node) is not None for node in variables)
    sentences += captions.sentences(graph, graded=graded)
    told = variables
    if len(functions) > MAX_DESCRIBED or not steps:
        told = [node for node in variables if node.role in ("input", "output")][:MAX_DESCRIBED]
    origins = origin_texts(graph)
    for node in told:
        facts = on_one_line(variable_lines(node._replace(name=None), look))
        sentences.append(f"{names[node.id]}, {origins[node.id]}{facts and f': {facts}'}.")
    return " ".join(sentences)


def origin_texts(graph: Graph) -> dict[str, str]:
    """Say of each Variable where it comes from: ``input``, ``sin of x``."""
    if graph.folded is not None or graph.part is not None:
        return _excerpt_origins(graph)
    names = {node.id: reference(node) for node in graph.nodes if isinstance(node, VariableNode)}
    labels = {node.id: node.label for node in graph.nodes if isinstance(node, FunctionNode)}
    operands: dict[str, list[str]] = {}
    texts = {
        node.id: "constant" if node.grad_state == "constant" else "input"
        for node in graph.nodes
        if isinstance(node, VariableNode)
    }
    for edge in graph.edges:
        if edge.arg is not None:
            operands.setdefault(edge.target, []).append(names[edge.source])
        else:
            texts[edge.target] = _applied(clean(labels[edge.source]), operands[edge.source])
    return texts


def reference(node: VariableNode) -> str:
    """Name a Variable in a sentence: by its name, a constant by its number, else by its id."""
    if name := clean(node.name):
        return name
    if node.role == "constant" and not node.shape:
        return _span(node.data, 4) if isinstance(node.data, Range) else number(node.data)
    return f"{node.letter}{original(node.id)[1:]}"


def clean(text: str | None, length: int = MAX_NAME) -> str:
    """Make text harmless on one line: no control characters, no lone surrogates, not too long."""
    if not text:
        return ""
    if len(text) > length:
        text = f"{text[: length - 3]}..."
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " if c.isspace() else "?" for c in text)


def plural(count: int, word: str) -> str:
    """Write ``1 node``, ``2 nodes``."""
    return f"{count} {word}{'' if count == 1 else 's'}"


def grouped(count: int) -> str:
    """Write a count with its digits in groups: ``9999``, ``10 000``."""
    return f"{count:,}".replace(",", " ") if count >= 10_000 else str(count)


def represented(graph: Graph) -> int:
    """Count the nodes that are drawn: what repeats by its times, and copies not at all."""
    members = graph.folded.members if graph.folded else {}
    return sum(
        len(members.get(node.id, (node,))) for node in graph.nodes if original(node.id) == node.id
    )


def counted(count: int, *, of: int) -> str:
    """Write ``11 of 20 001 nodes``."""
    return f"{grouped(count)} of {grouped(of)} nodes"


def times(count: int) -> str:
    """Write how often: ``1000 times``."""
    return f"{grouped(count)} times"


def bundle_label(edge: Edge, graph: Graph) -> str | None:
    """Say of an edge of a folded graph to or from which time it leads, where that is not clear."""
    bundle = graph.folded and graph.folded.bundles.get(edge[:3])
    if not bundle or graph.folded is None:
        return None
    if bundle.lag:
        return "next time" if bundle.lag == 1 else f"{bundle.lag} times on"
    sources, targets = map(graph.folded.members.get, edge[:2])
    if sources is None and targets is not None and len(bundle.edges) == 1 < len(targets):
        time = 1 + [member.id for member in targets].index(bundle.edges[0].target)
        return "first time" if time == 1 else f"time {grouped(time)}"
    if sources is None or targets is not None:
        return None
    if len(bundle.edges) > 1:
        return f"all {grouped(len(bundle.edges))}" if len(bundle.edges) == len(sources) else "some"
    time = 1 + [member.id for member in sources].index(bundle.edges[0].source)
    return None if time == len(sources) else f"time {grouped(time)}"


def _worded(word: str, value: Value, look: Look, unit: str = "") -> list[str]:
    """Write a value after the word for it."""
    if isinstance(value, float):  # the next lines come to the same, in twice the time
        return [f"{word} {number(value, look.precision)}{unit}"]
    first, *rest = value_lines(value, look)
    return [f"{word} {first}{unit}", *rest]


def _range_lines(value: Range, look: Look) -> list[str]:
    """Write between which values something was, and which one goes on."""
    lines = [_span(value, look.precision)]
    if value.shape:
        return _with_shape(value, lines, look)
    if value.last is not None and (value.kind or value.low != value.high):
        lines.append(f"last {number(value.last, look.precision)}")
    return lines


def _span(value: Range, precision: int) -> str:
    words = [
        f"{count} {word}"
        for count, word in ((value.nans, "NaN"), (value.infs, "inf"), (value.minus_infs, "-inf"))
        if count
    ]
    if value.low is not None:
        low, high = number(value.low, precision), number(value.high, precision)
        words.insert(0, low if low == high else f"{low} .. {high}")
    return ", ".join(words) or "empty"


def _time_of_trouble(node: FunctionNode, graph: Graph) -> str:
    """Say at which time of a Repeat the trouble began."""
    members = graph.folded.members.get(node.id) if graph.folded else None
    if members is None or graph.folded is None or graph.folded.trouble is None:
        return ""
    place = [member.id for member in members].index(graph.folded.trouble.function)
    return f", time {grouped(place + 1)}"


def outputs_of(graph: Graph) -> list[VariableNode]:
    """Return the outputs of which the gradients are, also where they are folded or not drawn."""
    ids = graph.folded.outputs if graph.folded else graph.outputs
    nodes = graph.nodes
    groups: list[Iterable[VariableNode | FunctionNode]] = [
        nodes.whole if isinstance(nodes, Nodes) else nodes
    ]
    groups += graph.folded.members.values() if graph.folded else []
    groups += [graph.part.outputs] if graph.part else []
    wanted = set(ids)
    found = {node.id: node for group in groups for node in group if node.id in wanted}
    return [node for id in ids if isinstance(node := found[id], VariableNode)]


def _excerpt_origins(graph: Graph) -> dict[str, str]:
    """Say where Variables come from: ``sin of (x, then y), 1000 times``, ``... + x`` in a part."""
    bundles = graph.folded.bundles if graph.folded else {}
    members = graph.folded.members if graph.folded else {}
    cut = graph.part.cut if graph.part else {}
    nodes = {node.id: node for node in graph.nodes}
    first: dict[tuple[str, int], list[str]] = {}
    later: dict[tuple[str, int], list[str]] = {}
    texts = {}
    for node in graph.nodes:
        if isinstance(node, VariableNode):
            texts[node.id] = "constant" if node.grad_state == "constant" else "input"
            if node.role in ("intermediate", "output") and node.id in cut:
                texts[node.id] = "computed before"
    for edge in graph.edges:
        source, target = nodes[edge.source], nodes[edge.target]
        if isinstance(source, VariableNode):
            bundle = bundles.get(edge[:3])
            each = bundle and len(bundle.edges) > 1 and edge.target not in members
            name = f"each {reference(source)}" if each else reference(source)
            names = later if bundle and bundle.lag else first
            names.setdefault((edge.target, edge.arg or 0), []).append(name)
        elif isinstance(target, VariableNode):
            operands = []
            for _, place in sorted(key for key in {**first, **later} if key[0] == source.id):
                begins, then = first.get((source.id, place), []), later.get((source.id, place), [])
                operands.append(", then ".join(", ".join(part) for part in (begins, then) if part))
            if source.id in cut:
                operands.append("...")
            texts[target.id] = _applied(clean(source.label), operands)
    for id, each_time in members.items():
        if id in texts:
            texts[id] += f", {times(len(each_time))}"
    return texts


def _elements(value: Value, look: Look) -> NDArray[np.object_]:
    """Write each element of an array."""
    bounds = bound_of(value)
    known = itertools.repeat(0.0) if bounds is None else bounds.ravel().tolist()
    elements = np.asarray(value).ravel()
    texts = [number(x, look.precision, bound) for x, bound in zip(elements, known)]  # noqa: B905
    return np.array(texts, object).reshape(value.shape)


def _row(row: Iterable[str]) -> str:
    return f"[{', '.join(row)}]"


def _nested(texts: NDArray[np.object_]) -> str:
    return _row(texts if texts.ndim == 1 else map(_nested, texts))


def _applied(label: str, operands: Sequence[str]) -> str:
    """Write an op on its operands: ``a * b``, ``x ** 3``, ``sin of x``."""
    base = label.startswith(("**", "[")) or (label == "-" and len(operands) == 1)
    operands = [
        o if re.fullmatch(r"[\w.]+" if base and not i else r"[\w.]+|-[\d.]+", o) else f"({o})"
        for i, o in enumerate(operands)
    ]
    if len(operands) == 2 and label and not label[0].isalpha():
        return f"{operands[0]} {label} {operands[1]}"
    if label.startswith(("**", "[")):
        return f"{operands[0]}{' ' if label[0] == '*' else ''}{label}"
    if label == "-":
        return f"-{operands[0]}"
    return f"{label} of {', '.join(operands)}"


def wrap(text: str, width: int) -> list[str]:
    """Break a long text at spaces where that can be done."""
    lines = []
    while len(text) > width:
        cut = text.rfind(" ", width // 2, width)
        cut = width if cut < 0 else cut + 1
        lines.append(text[:cut].rstrip())
        text = text[cut:]
    return [*lines, text]


def _explained(node: VariableNode, graph: Graph) -> str:
    """Name a Variable in a sentence; one without a name also by what it was computed of."""
    maker = next((e.source for e in graph.edges if e.target == node.id and e.arg is None), None)
    if clean(node.name) or maker is None:
        return reference(node)
    operands = [edge.source for edge in graph.edges if edge.target == maker]
    found = {n.id: n for n in graph.nodes if n.id in {maker, *operands}}
    names = [reference(n) for id in operands if isinstance(n := found.get(id), VariableNode)]
    function = found.get(maker)
    if not isinstance(function, FunctionNode) or len(names) < len(operands):
        return reference(node)  # of a part of a graph
    return f"{reference(node)} ({_applied(clean(function.label), names)})"


def first_trouble(graph: Graph) -> str:
    """Say where a NaN or an infinity first appeared; an empty text where all is finite."""
    if graph.trouble is None:  # a step's numbers are finite
        nodes = graph.nodes.whole if isinstance(graph.nodes, Nodes) else graph.nodes
        for node in nodes:  # an input that was not finite to begin with, or no recorded pass
            if isinstance(node, VariableNode):
                for what, value in (("", node.data), ("the gradient of ", gradient_of(node))):
                    if value is not None and (kind := kind_of(value)):
                        return f"{kind} in {what}{reference(node)}"
        return ""
    trouble = graph.trouble
    ends = {trouble.function, trouble.argument, trouble.of}
    found = {node.id: node for node in graph.nodes if node.id in ends}
    function = found[trouble.function]
    assert isinstance(function, FunctionNode)
    place = f" ({clean(function.source[0])}:{function.source[1]})" if function.source else ""
    text = f"first {trouble.kind}: "
    if trouble.argument is None:
        text += f"{clean(function.label)}{place}"
    else:
        argument = found[trouble.argument]
        assert isinstance(argument, VariableNode)
        text += f"backward of {clean(function.label)}{place}, gradient of "
        text += _explained(argument, graph)
    if trouble.place:
        text += f", {trouble.bad} of {trouble.size} elements, first at {list(trouble.place)}"
    if trouble.of is None:
        return text
    of = found[trouble.of]
    assert isinstance(of, VariableNode)
    said = reference(of) if trouble.of == trouble.argument else _explained(of, graph)
    return f"{text}, where {said} = {trouble.at}"


def _ordinal(order: int) -> str:
    words = ("zeroth", "first", "second", "third")
    return words[order] if order < len(words) else f"{order}th"
