"""Gains are held against norms of Jacobians; where a gradient vanishes against closed forms."""

import json
from math import log10

import numpy as np
import pytest

from dzviz import record
from dzviz.diagnosis import alike, gain_words
from dzviz.diagnosis.flows import Flows
from dzviz.diagnosis.gains import Gains, frames
from dzviz.graph.model import FunctionNode, Group


def rnn(W, h):  # noqa: N803
    for _ in range(300):
        h = np.tanh(h * W)
    return h


def mlp(x, W):  # noqa: N803
    for _ in range(12):
        x = 1 / (1 + np.exp(-(x @ W)))
    return np.sum(x)


def residual(x, W):  # noqa: N803
    for _ in range(12):
        x = x + 1 / (1 + np.exp(-(x @ W)))
    return np.sum(x)


def leaf(graph, name):
    return next(leaf for leaf in Gains(graph).leaves() if leaf.node.name == name)


def test_the_product_of_the_only_way_is_the_gradient():
    found = leaf(record(rnn, 0.9, 0.5), "h")
    h, derivative, steps = 0.5, 1.0, []
    for _ in range(300):
        h = np.tanh(0.9 * h)
        steps.append(0.9 * (1 - h * h))
        derivative *= steps[-1]
    assert 10**found.strongest.power == pytest.approx(derivative, rel=1e-9)
    assert found.strongest.power == found.weakest.power
    back = np.cumprod(steps[::-1])
    time = int(np.argmax(back < 1e-7))
    function, power = found.strongest.first()
    assert power == pytest.approx(log10(back[time]), rel=0.02)
    times = Gains(record(rnn, 0.9, 0.5)).times
    assert times[function] in ((300 - time, 300), (301 - time, 300))


def test_what_explodes_is_found():
    found = leaf(record(lambda x: x * 10**4 * 10**5, 1.0), "x")
    function, power = found.strongest.first()
    assert power == pytest.approx(9)
    assert found.strongest.functions.index(function) == 1


def test_a_deep_sigmoid_loses_what_a_residual_one_keeps():
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(2, 4)), 0.3 * rng.normal(size=(4, 4))
    assert leaf(record(mlp, x, w), "x").strongest.first() is not None
    kept = leaf(record(residual, x, w), "x")
    assert kept.strongest.first() is None
    assert kept.weakest.power < -7


def test_an_op_has_the_norm_of_what_it_sends():
    gains = Gains(record(lambda x, w: np.sum(x @ w), [[1.0, 2.0]], [[3.0], [4.0]]))
    sent = {(g.function, g.edge.arg): g.sent / g.came for g in gains.all}
    assert sent["f0", 0] == pytest.approx(5)
    assert sent["f0", 1] == pytest.approx(5**0.5)


def test_frames_have_gains_of_their_own():
    graph = record(lambda x: x * 3 * 4, 2.0)
    inner = tuple(n.id for n in graph.nodes if isinstance(n, FunctionNode))
    framed = graph._replace(groups=(Group("g0", "layer", "module", inner),))
    (frame,) = frames(Gains(framed))
    assert (frame.group.name, frame.came, frame.sent) == ("layer", 1.0, 12.0)


def test_the_command_tells_it(capsys, monkeypatch, tmp_path):
    from dzviz.cli import main as cli

    target = tmp_path / "flow.svg"
    args = ["flow", "tanh(x*1e-9)*w", "--x", "1", "--w", "2", "-o", str(target)]
    monkeypatch.setattr("sys.argv", ["dzviz", *args])
    assert cli.run(args) == 0
    out = capsys.readouterr().out
    assert "x: 2e-9 along the strongest path; below 1e-7 from x*1e-9 (column 6)" in out
    svg = target.read_text()
    assert 'stroke-width="5"' not in svg
    assert "edges: the thicker" in svg
    monkeypatch.setattr("sys.argv", ["dzviz", "flow"])
    assert cli.run(["flow", "x*w", "--x", "1", "--w", "2", "-T", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {gain["sent"] for gain in told["gains"]} == {1.0, 2.0}


def told(f, *values):
    return "".join(gain_words.text(Gains(record(f, *values)))).splitlines()


def test_what_is_said_of_a_product_is_true_of_it():
    """Below the limit from a place on is only what stays there up to the variable."""
    limits = "products of gains from 1e-7 to 1e7 count as usual"
    *_, line, last = told(lambda x: x * 1000 * 1e-9, 2.0)
    assert line.startswith("x: 1e-6 along the strongest path; as small as 1e-9 after ")
    assert last == limits
    *_, line, last = told(lambda x: x * 1e-3 * 1e5 * 1e4, 2.0)
    assert line.startswith("x: 1e6 along the strongest path; as large as 1e9 after ")
    *_, line, last = told(lambda x: x * 1e-2 * 1e3 * 1e-9, 2.0)
    assert line.startswith("x: 1e-8 along the strongest path; below 1e-7 from *")
    way = leaf(record(lambda x: x * 1e-2 * 1e3 * 1e-9, 2.0), "x").strongest
    assert way.lost() == (way.functions[2], pytest.approx(-8), True)
    *_, line, last = told(lambda x: x * 9.99999e-8, 2.0)
    assert line.startswith("x: 9.99999e-8 along the strongest path; below 1e-7 from ")
    assert last == limits
    assert limits not in told(lambda x: x * 2, 2.0)


def test_the_seed_of_an_output_that_is_used_further_is_not_its_gradient():
    def both(x):
        y = x * 1e-9
        return y, y * 1e9

    graph = record(both, 2.0)
    flows = Flows(graph)
    assert max(float(flows.came(y)) for y in graph.outputs) > 1e8
    assert flows.seed_norm() == pytest.approx(2**0.5)
    unseeded = [n._replace(seed=None) if n.id in graph.outputs else n for n in graph.nodes]
    assert Flows(graph._replace(nodes=tuple(unseeded))).seed_norm() == 1


def test_a_path_that_ends_out_of_the_limits_comes_before_one_that_comes_back():
    *_, line, _ = told(lambda x: x * 1000 * 1e-9 + x * 1e-10, 2.0)
    assert "1e-6 along the strongest path, 1e-10 along the weakest; on the weakest path " in line
    assert "; on the weakest path below 1e-7 from " in line
    *_, line, _ = told(lambda x: x * 1000 * 1e-9 + x * 9e-7, 2.0)
    assert "along the weakest; as small as 1e-9 after " in line


def test_many_variables_that_are_alike_are_one_line():
    names = [f"layers.{i}.w" for i in range(14)]

    def alike_ones(*xs):
        y = xs[0] * 2
        for x in xs[1:]:
            y = y + x * 3
        return y

    graph = record(alike_ones, *np.ones(14))
    variables = iter(names)
    named = tuple(
        node._replace(name=next(variables)) if getattr(node, "role", "") == "input" else node
        for node in graph.nodes
    )
    lines = "".join(gain_words.text(Gains(graph._replace(nodes=named)))).splitlines()
    assert lines[-1:] == ["layers.0..13.w: 2 .. 3 along the strongest path"]


def test_names_are_together_where_all_of_their_numbers_are_there():
    assert alike.pattern("net.0.layers.12.w1") == "net.*.layers.*.w1"
    assert alike.together(["a.3.w"]) == "a.3.w"
    assert alike.together(["a.10.w", "a.8.w", "a.9.w"]) == "a.8..10.w"
    assert alike.together(["a.0.w", "a.2.w"]) == "a.0.w, a.2.w"
    assert alike.together([f"a.{i}.w" for i in (0, 1, 2, 5)]) == "a.*.w (4)"
    assert alike.together([f"a.{i}.{j}" for i in "12" for j in "345"]) == "a.1..2.3..5"
    assert alike.together(["a.1.3", "a.1.4", "a.2.3"]) == "a.1.3, a.1.4, a.2.3"
