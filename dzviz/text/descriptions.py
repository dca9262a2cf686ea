"""A whole picture in sentences, for readers who cannot see it, and what is odd about it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dzviz.graph.duplicates import original
from dzviz.graph.model import FunctionNode, Graph, VariableNode
from dzviz.graph.nonfinite import kind_of
from dzviz.graph.overview import samples
from dzviz.options import ENGLISH, Look
from dzviz.text import gradients
from dzviz.text.captions import represented
from dzviz.text.labels import gradient_of, parameter_lines, reference, says_node, variable_lines
from dzviz.text.languages import say
from dzviz.text.phrases import clean, counted, on_one_line, times
from dzviz.text.troubles import trouble_sentences

MAX_DESCRIBED = 40
"""A description tells each step of graphs with at most this many Functions."""

MAX_ALT = 500
"""An alternative text is no longer: it is read aloud in one go."""


NAME = r"[\w.]+(?:\[['\w]+\][\w.]*)*"
"""What needs no brackets as an operand: a number, ``x``, ``params['w']``."""


def alt_text(graph: Graph, look: Look) -> str:
    """Describe a picture that stands in a text, after its title if it was given one.

    Where that would be long, its inputs and outputs are given and not every step.
    """
    title = clean(look.title).strip().rstrip(".")
    title = f"{title}. " if title else ""
    text = title + description(graph, look)
    if len(text) > MAX_ALT:
        text = title + description(graph, look, steps=False)
    return clean(text, MAX_ALT)


def description(graph: Graph, look: Look, *, steps: bool = True) -> str:
    """Describe the whole picture for readers who cannot see it, with each step if ``steps``."""
    nodes = [node for node in graph.nodes if original(node) == node.id]
    variables = [node for node in nodes if isinstance(node, VariableNode) and says_node(node, look)]
    functions = [node for node in nodes if isinstance(node, FunctionNode)]
    names = {node.id: reference(node) for node in variables}
    lang = look.lang
    sentences = [_heading(graph, len(variables), len(functions), lang)]
    if graph.part is not None:
        count = counted(represented(graph), of=graph.part.nodes, lang=lang)
        sentences.append(say(lang, "This is a part of it: {count}.", count=count))
    if graph.folded is not None:
        ranged = look.says("data") or look.says("grad")
        once = "What repeats is described once, with the range of its values."
        sentences.append(say(lang, once if ranged else "What repeats is described once."))
    graded = look.says("grad") and any(gradient_of(node) is not None for node in variables)
    sentences += gradients.sentences(graph, graded=graded, lang=lang)
    sentences += trouble_sentences(graph, lang)
    modules = [node for node in functions if node.parameters is not None]
    described = variables
    if len(functions) > MAX_DESCRIBED or not steps:
        described = [node for node in variables if node.role in ("input", "output")][:MAX_DESCRIBED]
        modules = []
    origins = origin_texts(graph, lang)
    for node in described:
        facts = on_one_line(variable_lines(node._replace(name=None), look), lang)
        text = f"{names[node.id]}, {origins[node.id]}{facts and f': {facts}'}"
        sentences.append(say(lang, "{text}.", text=text))
    for each in modules:
        if lines := parameter_lines(each, look):
            text = f"{clean(each.label)}: {on_one_line(lines, lang)}"
            sentences.append(say(lang, "{text}.", text=text))
    return " ".join(sentences)


def _heading(graph: Graph, variables: int, functions: int, lang: str) -> str:
    """Say what it is, and of how much."""
    many = [
        say(lang, one if count == 1 else several, count=count)
        for count, one, several in (
            (variables, "{count} variable", "{count} variables"),
            (functions, "{count} function", "{count} functions"),
        )
    ]
    text = (
        "Computational graph of {what}: {count}."
        if graph.title
        else "Computational graph: {count}."
    )
    return say(lang, text, what=clean(graph.title), count=", ".join(many))


def origin_texts(graph: Graph, lang: str = ENGLISH) -> dict[str, str]:
    """Say for each Variable where it comes from: ``input``, ``sin of x``.

    What is folded is ``sin of (x, then y), 1000 times``, and what is cut off in a part ``... + x``.
    """
    bundles = graph.folded.bundles if graph.folded else {}
    members = graph.folded.members if graph.folded else {}
    cut = graph.part.cut if graph.part else {}
    nodes = {node.id: node for node in graph.nodes}
    taken: dict[str, dict[int, tuple[list[str], list[str]]]] = {}
    texts = {}
    for node in graph.nodes:
        if isinstance(node, VariableNode):
            what = "constant" if node.grad_state == "constant" else "input"
            if node.role in ("intermediate", "output") and node.id in cut:
                what = "computed before"
            texts[node.id] = say(lang, what)
    for edge in graph.edges:
        source, target = nodes[edge.source], nodes[edge.target]
        if isinstance(source, VariableNode):
            bundle = bundles.get(edge[:3])
            each = bundle and len(bundle.edges) > 1 and edge.target not in members
            name = reference(source)
            name = say(lang, "each {name}", name=name) if each else name
            ways = taken.setdefault(edge.target, {}).setdefault(edge.arg or 0, ([], []))
            ways[bool(bundle and bundle.lag)].append(name)
        elif isinstance(target, VariableNode):
            operands = []
            for _, ways in sorted(taken.get(source.id, {}).items()):
                parts = [", ".join(part) for part in ways if part]
                both = "{first}, then {last}"
                operands.append(
                    say(lang, both, first=parts[0], last=parts[1]) if parts[1:] else parts[0]
                )
            if source.id in cut:
                operands.append("...")
            texts[target.id] = _applied(clean(source.label), operands, lang)
    for id, each_time in members.items():
        if id in texts:
            texts[id] += f", {times(len(each_time), lang)}"
    return texts


def _applied(label: str, operands: Sequence[str], lang: str = ENGLISH) -> str:
    """Write an op on its operands: ``a * b``, ``x ** 3``, ``sin of x``."""
    alone = len(operands) == 1
    base = label.startswith(("**", "[")) or (alone and re.fullmatch(r"-|[-+*/@]+ .*", label))
    operands = [
        o if re.fullmatch(NAME if base and not i else rf"{NAME}|-[\d.]+", o) else f"({o})"
        for i, o in enumerate(operands)
    ]
    if len(operands) == 2 and re.fullmatch(r"[-+*/@%&|^<>=!]+|\[.*", label):
        return f"{operands[0]} {label} {operands[1]}"
    if alone and label.startswith(("**", "[")):
        return f"{operands[0]}{' ' if label[0] == '*' else ''}{label}"
    if alone and re.match(r"[-+*/@<>=!]+ .", label):  # with a number, as `/ 4`
        return f"{operands[0]} {label}"
    if alone and re.search(r". [-+*/]+$", label):  # as `3 -`
        return f"{label} {operands[0]}"
    if alone and label == "-":
        return f"-{operands[0]}"
    if not operands:
        return label
    return say(lang, "{op} of {operands}", op=label, operands=", ".join(operands))


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
    if graph.trouble is None:
        for node in samples(
            graph.nodes
        ):  # an input that was not finite to begin with, or no recorded pass
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
    name = reference(of) if trouble.of == trouble.argument else _explained(of, graph)
    return f"{text}, where {name} = {trouble.at}"
