"""Films to draw in tests: graphs of which all was recorded, and what a frame shows."""

import xml.etree.ElementTree as ET

from dzviz.options import Layout, Look
from dzviz.pipeline import Computation, compute
from dzviz.sources.expression import read
from dzviz.svg.timeline import frames as drawn
from dzviz.svg.timeline import timeline

NAMESPACE = "{http://www.w3.org/2000/svg}"


def filmed(expression, *, order=0, backward=True, retain_grad=False, **values):
    """Compute an expression while all is recorded, and take the graph."""
    given = {name: str(value) for name, value in values.items()}
    run = compute(Computation(read(expression), given, order=order), recorded=True)
    if backward:
        run.backward(retain_grad=retain_grad)
    return run.graph(lower=True)


FILMS = {
    "boxes": (lambda: filmed("a = x**2; a*sin(a)", x=3), Look()),
    "small": (lambda: filmed("sin(x)", x=1), Look()),
    "kept": (lambda: filmed("a = x*x; a*sin(a) + x", x=3, retain_grad=True), Look(rank_dir="TB")),
    "merged": (lambda: filmed("a = x*x; a*sin(a) + x", x=3), Look(style="merged", theme="dark")),
    "book": (lambda: filmed("sin(x)*x", x=1), Look(style="book")),
    "refs": (lambda: filmed("x*y + 1", x=1, y=2), Look(style="refs")),
    "derivative": (lambda: filmed("tanh(x)", x=1, order=2), Look()),
    "array": (
        lambda: filmed("sum(tanh(x@W + b))", x=[[1, 2]], W="randn(2,3)", b=[0, 0, 0]),
        Look(theme="print"),
    ),
    "forward": (lambda: filmed("x*y + exp(x)", x=3, y=2, backward=False), Look(theme="auto")),
    "large": (lambda: filmed("sum(x * y)", x="ones(8, 8)", y="arange(8)"), Look()),
}
"""A film of each kind, by name: how to make its graph, and how it looks."""


def frames(name):
    """Draw the steps of a film."""
    make, look = FILMS[name]
    return list(drawn(timeline(make(), look, Layout())))


def words(element):
    """Read the lines of text in an SVG, but for those that are hidden."""
    if element.get("visibility") == "hidden":
        return []
    own = [element.text] if element.tag == f"{NAMESPACE}text" else []
    return own + [line for child in element for line in words(child)]


def sentence(svg):
    """Read what is told below a frame."""
    lines = words(ET.fromstring(svg))
    (start,) = [i for i, line in enumerate(lines) if line.startswith("Step ")]
    return " ".join(lines[start + 1 :])


def replay(events):
    """Compute the gradients that a Variable was left with, by what the events say of them alone.

    Contributions are added up; what is kept stays. The last pass counts.
    """
    flowing, kept = {}, {}
    turn = 0
    for event in events:
        if event.turn != turn:
            turn = event.turn
            flowing, kept = {}, {}
        if event.variable is None:
            continue
        if event.kind in ("seed", "rule"):
            old = flowing.get(event.variable)
            flowing[event.variable] = event.value if old is None else old + event.value
        elif event.kind == "set":
            flowing[event.variable] = event.value
        elif event.kind == "keep":
            kept[event.variable] = flowing.pop(event.variable)
        elif event.kind == "release":
            del flowing[event.variable]
    return kept
