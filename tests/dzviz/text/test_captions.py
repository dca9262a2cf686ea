"""What stands below a picture is so: which pass made the gradients, and what has changed since."""

import json
import re
from importlib.resources import files

import jsonschema
import numpy as np
import pytest

import dezero
import dzviz
from dezero import Function, Variable
from dezero.core import watch_forward
from dezero.functions import sin
from dezero.functions import sum as total
from dzviz import Look, Recording, record, render, snapshot
from dzviz.engine import Tape
from dzviz.text.captions import caption_lines
from dzviz.text.typeset import plain as typed

SCHEMA = json.loads(files("dzviz.formats").joinpath("graph.schema.json").read_text())


def var(data, name=None):
    return Variable(np.array(data, float), name)


def named(y, name):
    y.name = name
    return y


def caption(y, **options):
    graph = y if isinstance(y, dzviz.Graph) else snapshot(y)
    return caption_lines(graph, Look(), **options)


class Square(Function):
    """The book's."""

    def forward(self, x):
        return x**2

    def backward(self, gy):
        (x,) = self.inputs
        return 2 * x * gy


def of_another_output():
    x, w = var(2, "x"), var(5, "w")
    y, z = named(x * w, "y"), x**2
    y.backward()
    return z


def of_an_output_that_is_gone():
    x = var(2, "x")
    named(x * 5, "y").backward()
    return x**2


def of_an_output_without_a_name():
    x = var(2, "x")
    y, z = x * 5, x**2
    y.backward()
    return [z] if y is not None else []


def of_an_output_of_the_same_name():
    x = var(2, "x")
    named(x * x, "y").backward()
    return named(x * x, "y")


def twice():
    x = var(2, "x")
    y = named(x**3, "y")
    y.backward()
    y.backward()
    return y


def of_a_gradient():
    x = var(2, "x")
    y = named(x**3, "y")
    y.backward(create_graph=True)
    return named(x.grad, "gx")


def of_two_outputs_in_turn():
    x = var(2, "x")
    a, b = named(x * x, "a"), named(x * 5, "b")
    a.backward()
    b.backward()
    return b


def of_two_outputs_at_once():
    x = var(2, "x")
    a, b = named(x * x, "a"), named(x * 5, "b")
    dezero.backward([a, b])
    return b


def of_both_in_turn():
    x = var(2, "x")
    a, b = named(x * x, "a"), named(x * 5, "b")
    a.backward()
    b.backward()
    return [a, b]


def then_of_what_is_built_on_it():
    x = var(2, "x")
    y = named(x * x, "y")
    y.backward()
    z = named(y * 3, "z")
    z.backward()
    return z


def of_a_result_on_the_way():
    x = var(2, "x")
    y = named(x * x, "y")
    named(y * 3, "z").backward()
    return y


def many():
    x = var(2, "x")
    for _ in range(20):
        y = named(x**3, "y")
        y.backward()
    return y


def assigned():
    x = var(2, "x")
    y = named(x * x, "y")
    x.grad = np.array(7.0)
    return y


def assigned_before_a_pass():
    y = assigned()
    y.backward()
    return y


def from_a_seed():
    y = named(var(2, "x") * 5, "y")
    y.grad = np.array(10.0)
    y.backward()
    return y


def from_a_seed_that_is_an_array():
    y = named(var([2, 3], "x") * 5, "y")
    y.grad = np.array([10.0, 1.0])
    y.backward()
    return y


def added_up_from_a_seed():
    y = from_a_seed()
    y.backward()
    return y


def twice_in_one():
    y = named(var(2, "x") * 5, "y")
    dezero.backward([y, y])
    return y


def mixed():
    x, w = var(2, "x"), var(5, "w")
    y = named(x * w, "y")
    y.backward()
    w.cleargrad()
    y.backward(retain_grad=True)
    return y


def mixed_without_the_derivative():
    x, w = var(2, "x"), var(5, "w")
    y, z = named(x * w, "y"), named(w * 3, "z")
    y.backward()
    w.cleargrad()
    z.backward()
    return named(x + w, "v")


def mixed_with_nodes_without_names():
    x = var(2, "x")
    y = named(sin(x * x), "y")
    y.backward(retain_grad=True)
    z = named(x * 3 + y, "z")
    x.cleargrad()
    z.backward(retain_grad=False)
    z.backward(retain_grad=True)
    return z


def released_by_another():
    x = var(2, "x")
    a = x * x
    named(a * 2, "y").backward()
    x.cleargrad()
    return named(a * 3, "z")


def data_assigned():
    x = var(2, "x")
    y = named(x * x, "y")
    x.data = np.array(1.6)
    return y


def data_changed_after_the_pass():
    x = var(2, "x")
    y = named(x * x, "y")
    y.backward()
    x.data -= 0.1 * x.grad.data
    return y


def data_of_a_result_changed():
    x = var(2, "x")
    y = named(x * x, "y")
    z = named(y * 3, "z")
    z.backward()
    y.data += 1
    return z


def data_of_the_output_assigned():
    y = named(var(2, "x") * 5, "y")
    y.data = np.float64(3.0)
    return y


def dtype_changed():
    x = var([1.0, 2.0], "x")
    y = named(x * x, "y")
    x.data = x.data.astype(np.float32)
    return y


def shape_changed():
    x, w = var([1.0, 2.0], "x"), var([3.0, 4.0], "w")
    y = named(x * w, "y")
    x.data = np.ones(3)
    return y


def an_element_changed():
    x = var([[1.0, 2.0], [3.0, 4.0]], "x")
    y = named(total(x @ x), "y")
    y.backward()
    x.data[0, 0] = 1.5
    return y


def the_operand_of_a_users_function_changed():
    x = var(2, "x")
    y = named(Square()(x), "y")
    y.backward()
    x.data -= 0.1
    return y


def the_result_of_a_users_function_changed():
    y = named(Square()(var(2, "x")), "y")
    y.data += 1
    return y


def a_gradient_changed_in_place():
    x = var([1.0, 2.0], "x")
    y = named(total(x * x), "y")
    y.backward()
    x.grad.data *= 0.5
    return y


def data_changed_that_no_result_shows():
    x, w = var(0, "x"), var(5, "w")
    y = named(x * w, "y")
    y.backward()
    w.data = np.array(7.0)
    return y


CASES = {
    of_another_output: ["grad from backward of y"],
    of_an_output_that_is_gone: ["grad from backward of y"],
    of_an_output_without_a_name: ["grad from backward of another output"],
    of_an_output_of_the_same_name: ["grad from backward of another y"],
    twice: ["grad added up over 2 passes of y"],
    of_a_gradient: ["grad from backward of y"],
    of_two_outputs_in_turn: ["grad added up over 2 passes, of a and b"],
    of_two_outputs_at_once: ["grad from backward of a + b"],
    of_both_in_turn: ["grad added up over 2 passes, of a and b"],
    then_of_what_is_built_on_it: ["grad added up over 2 passes, of y and z"],
    of_a_result_on_the_way: ["grad from backward of z"],
    many: ["grad added up over 20 passes, of another y, ... and y"],
    assigned: ["grad assigned by hand"],
    assigned_before_a_pass: ["grad assigned by hand, then added up over 1 pass of y"],
    from_a_seed: ["grad = seed * dy/d(node), seed 10"],
    from_a_seed_that_is_an_array: ["grad = d(sum of seed * y)/d(node)"],
    added_up_from_a_seed: ["grad added up over 2 passes of y from seeds"],
    twice_in_one: ["grad from backward of y + y"],
    mixed: ["grad of x: added up over 2 passes of y", "grad of the others = dy/d(node)"],
    mixed_without_the_derivative: [
        "grad of x: from backward of y",
        "grad of w: from backward of z",
    ],
    mixed_with_nodes_without_names: [
        "grad of x: added up over 2 passes of z",
        "grad of the others = dz/d(node)",
    ],
    released_by_another: ["grad from backward of y"],
    data_assigned: ["data has changed since y was computed"],
    data_changed_after_the_pass: [
        "grad from backward of y",
        "data has changed since y was computed",
    ],
    data_of_a_result_changed: [
        "grad from backward of z",
        "data has changed since y, z were computed",
    ],
    data_of_the_output_assigned: ["data has changed since y was computed"],
    dtype_changed: ["data has changed since y was computed"],
    shape_changed: ["data has changed since y was computed"],
    an_element_changed: [
        "grad from backward of y",
        "data has changed since x @ x was computed",
    ],
    the_operand_of_a_users_function_changed: [
        "grad from backward of y",
        "an operand of y has changed since; what y would be is unknown",
    ],
    the_result_of_a_users_function_changed: ["data has changed since y was computed"],
    a_gradient_changed_in_place: ["grad from backward of y; it or data has changed since"],
    data_changed_that_no_result_shows: [
        "grad of x: from backward of y; it or data has changed since",
        "grad of the others = dy/d(node)",
    ],
}


@pytest.mark.thorough
@pytest.mark.parametrize("make", CASES, ids=lambda make: make.__name__)
def test_the_caption_is_so_in_every_format(make):
    y = make()
    graph = snapshot(y)
    lines = CASES[make]
    assert caption(graph) == lines
    assert caption(graph, drawn=False) == lines
    assert render(y, "text").decode().endswith("\n" + "\n".join(lines) + "\n")
    told = dzviz.draw(y)
    for format in ("svg", "html", "dot", "mermaid"):
        written = typed(render(y, format).decode())
        text = re.sub(r"&?#(\d+);", lambda m: chr(int(m[1])), written)
        assert all(line in text for line in lines), format
    for style in ("merged", "book", "refs"):
        svg = typed(render(y, "svg", style=style).decode())
        assert all(line in svg for line in lines), style
    alt = render(y, "alt").decode()
    for line in lines:
        what = line.partition(": ")[2] or line.removeprefix("grad ").removeprefix("= ")
        if make is not released_by_another:
            assert what.removeprefix("of the others = ")[1:] in alt
    assert told.text.endswith("\n".join(lines) + "\n")
    graph = json.loads(render(y, "json"))
    jsonschema.validate(graph, SCHEMA)
    head = graph["graph"]
    assert ("passes" in head) == any(line.startswith("grad") for line in lines)
    changed = any(line.startswith(("data has changed", "an operand")) for line in lines)
    assert ("changed" in head) == changed


@pytest.mark.parametrize("make", CASES, ids=lambda make: make.__name__)
def test_nothing_is_changed_by_drawing(make):
    y = make()
    before = [render(y, format) for format in ("json", "svg")]
    assert [render(y, format) for format in ("json", "svg")] == before


def test_where_nodes_differ_each_says_what_its_gradient_is():
    y = mixed()
    x, w = y.creator.inputs
    assert (x.grad.data, w.grad.data) == (10.0, 2.0)
    rows = render(y, "text").decode().splitlines()
    assert rows[1].split() == ["x", "input", "2", "10", "(2", "passes)"]
    assert rows[2].split() == ["w", "input", "5", "2"]
    assert "grad 10 (2 passes)" in render(y, "svg").decode()
    assert "grad: 2 passes" in render(y, "svg", style="book").decode()
    assert "data 10 (2 passes)" in render(y, "svg", style="refs").decode()
    assert "grad added up over 2 passes of y" in render(y, "svg").decode()  # its tooltip
    assert r"\u003cp\u003eadded up over 2 passes of y\u003c/p\u003e" in render(y, "html").decode()
    nodes = {n.get("name"): n for n in json.loads(render(y, "json"))["nodes"]}
    assert nodes["x"]["passes"]["times"] == 2
    assert nodes["x"]["passes"]["of"] == ["y"]
    assert "passes" not in nodes["w"]


def plain(y):
    y.backward()
    return y


def ordinary():
    """Graphs of which the caption is what it always was."""
    x = var(2, "x")
    yield plain(named(x * x, "y"))
    x = var(2, "x")
    y = named(x * x, "y")
    y.grad = np.array(1.0)  # the seed that it would have had
    yield plain(y)
    x = var(2, "x")
    y = named(x * x, "y")
    y.backward()
    x.cleargrad()
    y.backward(retain_grad=True)
    yield y
    x = var(2, "x")
    y = plain(named(x * x, "y"))
    dezero.grad(y, x)
    assert x.grad.data == 4.0  # looked at
    assert y.data == 4.0
    yield y
    yield plain(named(Square()(Square()(var(2, "x"))), "y"))
    x, w = var(np.ones((3, 4)), "x"), var(np.arange(8.0).reshape(4, 2), "w")
    y = named(total(dezero.functions.tanh(x @ w)), "y")
    y.backward(create_graph=True)
    yield y
    x = var(2, "x")
    a = x * x
    y = plain(named(sin(a), "y"))
    a.unchain()
    yield y
    yield plain(named(dezero.functions.log(var(-1, "x")), "y"))  # NaN is equal to NaN here
    x = var(1.0, "x")
    for _ in range(100):
        y = named((x - 3) ** 2, "y")
        x.cleargrad()
        y.backward()
        last, x.data = x.data, x.data - 0.1 * x.grad.data
    x.data = last
    yield y


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_no_false_alarm():
    graphs = list(map(snapshot, ordinary()))
    assert len(graphs) == 9
    for graph in graphs:
        assert caption(graph) == ["grad = dy/d(node)"]
        assert (graph.passes, graph.changed) == ((), None)
        head = json.loads(render(graph, "json"))
        assert set(head["graph"]) - {"troubles"} == {"expression", "order", "outputs"}
        assert not any("passes" in node for node in head["nodes"])


def test_training_with_a_graph_anew_each_time_and_with_an_old_one():
    def train(anew):
        x = var([1.0, -2.0], "x")
        y = named(total((x - 3) ** 2), "y")
        for _ in range(100):
            if anew:
                y = named(total((x - 3) ** 2), "y")
            x.cleargrad()
            y.backward()
            lines = caption(y)
            x.data -= 0.05 * x.grad.data
        return lines

    assert train(anew=True) == ["grad = dy/d(node)"]
    assert train(anew=False) == [
        "grad from backward of y",
        "data has changed since x - 3 was computed",
    ]


def test_a_large_graph_is_looked_at_by_columns():
    x, a = var(0.5, "x"), var(0.7, "a")
    y = x
    for i in range(700):
        y = y * a + (y - a) / 3 if i % 7 else sin(y)
    y = named(y, "y")
    y.backward()
    graph = snapshot(y)
    assert type(graph.nodes).__name__ == "Nodes"
    assert caption(graph) == ["grad = dy/d(node)"]
    a.data *= 1 + 1e-12
    lines = caption(y)
    assert lines[0] == "grad from backward of y"
    assert lines[1].startswith("data has changed since ")
    products = sum(i % 7 > 0 for i in range(700))
    assert len(snapshot(y).changed.results) > products
    a.data[...] = 0.7
    some = y.creator.inputs[0]
    some.data += 1
    assert len(snapshot(y).changed.results) == 2  # itself, and what is made of it


def test_a_large_graph_of_two_passes_says_so_in_dot():
    x = var(0.5, "x")
    y = x
    for _ in range(400):
        y = sin(y) + 0.1
    y = named(y, "y")
    y.backward()
    y.backward(retain_grad=True)
    dot = render(y, "dot").decode()
    assert "grad of x: added up over 2 passes of y\\ngrad of the others = dy/d(node)" in dot
    assert dot.count("(2 passes)") == 1


def test_what_a_recording_tells_is_of_its_pass():
    x = var(2, "x")
    a = x * x
    y, z = named(a * 3, "y"), named(a * 5, "z")
    recording = Recording()
    dezero.backward(y, observer=recording)
    x.cleargrad()
    z.backward()
    graph = snapshot(z, recording=recording)
    assert caption(graph) == [
        "grad of 1 node without a name: from backward of y",
        "grad of the others = dz/d(node)",
        "shares: from backward of y",
    ]
    assert json.loads(render(graph, "json"))["graph"]["contributions"]["of"] == ["y"]


def test_folded_and_partial_graphs():
    ws = [var(0.5, f"W{i}") for i in range(30)]
    x = var(0.1, "x")
    y = x
    for w in ws:
        y = sin(y * w)
    y = named(y, "y")
    y.backward()
    for w in ws[:10]:
        w.cleargrad()
    y.backward()
    text = render(y, "text", fold="always").decode()
    assert "(several passes)" in text
    assert "grad of W0 .. W29: not the same for everything that is drawn here once" in text
    part = render(y, "text", focus="W1:1").decode()
    assert "(2 passes)" not in part
    assert "grad = dy/d(node)" in part
    part = render(y, "text", focus="W20:1").decode()
    assert "grad of W20: added up over 2 passes of y" in part


def test_a_film_says_what_each_pass_is_of():
    graph = record(lambda x: x**3, var(2.0), order=2)
    film = "grad in pass 1 = dy/d(node), in pass 2 = d(y')/d(node), in pass 3 = d(y'')/d(node)"
    page = typed(render(graph, "html").decode())
    assert film in page.replace("&#x27;", "'").replace("&#39;", "'")
    assert "grad = d(y'')/d(node)" in caption(graph)
    assert film not in render(graph, "text").decode()


def test_a_film_of_passes_that_add_up():
    tape = Tape()
    x = var(2, "x")
    with watch_forward(tape.computed):
        y = named(x**3, "y")
    dezero.backward(y, observer=tape)
    dezero.backward(y, observer=tape)
    graph = snapshot(y, recording=tape)
    assert caption(graph._replace(film=True)) == [
        "grad in pass 1 = dy/d(node), in pass 2 = dy/d(node)",
        "grad of x: added up over 2 passes of y, at the end",
        "grad of the others = dy/d(node), at the end",
    ]
    for step in dzviz.graph.states.steps(graph):
        shown = {n.name: n for n in step.graph.nodes if hasattr(n, "grad")}["x"]
        assert (shown.passes is not None) == (shown.grad == 24.0)


def test_a_film_of_a_pass_upon_an_assigned_gradient():
    tape = Tape()
    x = var(2, "x")
    y = named(x**3, "y")
    for _ in range(2):
        y.grad = np.array(2.0)
        dezero.backward(y, observer=tape)
    x.grad = np.array(1.0)
    graph = snapshot(y, recording=tape)._replace(film=True)
    assert caption(graph)[0] == (
        "grad in pass 1 = seed * dy/d(node), in pass 2 = seed * dy/d(node)"
    )
    assert caption(graph)[1:] == [
        "grad of x: assigned by hand, at the end",
        "grad of y = seed * dy/d(node), seed 2, at the end",
        "shares: from backward of y from seed 2",
    ]


def test_names_are_harmless():
    y = named(var(2, "x") * 2, "<y>\n&\x1b")
    y.backward()
    y.backward()
    assert caption(y) == ["grad added up over 2 passes of <y> &?"]
    assert "<y>" not in render(y, "svg").decode()
