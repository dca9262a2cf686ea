"""Frames: named calls, loops with their passes, branches, scopes; and what is one node."""

import jax
import jax.numpy as jnp
import numpy as np
from support.graphs import drawn, labels
from support.jax_programs import PROGRAMS

import dzviz
from dzviz.graph.model import FunctionNode


def recorded(name):
    f, args = PROGRAMS[name]
    return dzviz.record(f, *args, backend="jax")


def frames(graph):
    names = {group.id: group.name for group in graph.groups}
    return [(group.name, names.get(group.parent)) for group in graph.groups]


def test_functions_of_jax_are_one_node_by_their_names():
    graph = recorded("cross-entropy")
    assert [name for name, _ in frames(graph)] == ["log_softmax", "index", "mean"]
    assert frames(drawn(graph)) == []
    told = [label.partition(" (")[0] for label in labels(drawn(graph))]
    assert told == ["@", "+", "tanh", "log_softmax", "index", "mean", "-"]


def test_a_depth_opens_them():
    graph = recorded("cross-entropy")
    assert frames(drawn(graph, 1)) == frames(graph)
    assert "exp" in labels(drawn(graph, 1))
    assert "exp" not in labels(drawn(graph, 0))


def test_a_folded_function_sends_back_the_sum_of_what_flowed_in_it():
    graph = drawn(recorded("cross-entropy"))
    (function,) = [n.id for n in graph.nodes if getattr(n, "label", "").startswith("log_softmax")]
    (edge,) = [e for e in graph.edges if e.target == function]
    (x,) = [n for n in graph.nodes if n.id == edge.source]
    np.testing.assert_allclose(edge.contribution, x.grad_was, rtol=1e-14)


def test_jitted_helpers_of_the_user_are_frames():
    graph = recorded("jitted helpers")
    assert frames(graph) == [("layer", None), ("layer", None)]  # none around all of it
    assert labels(drawn(graph, 0)) == ["layer (3 functions)", "layer (3 functions)", "sum"]


def test_scopes_are_frames_within_frames():
    graph = recorded("named scopes")
    assert ("encoder", None) in frames(graph)
    assert ("norm", "encoder") in frames(graph)


def test_functions_that_are_no_calls_are_frames_by_their_names():
    graph = recorded("vmap")
    assert [name for name, _ in frames(graph)] == ["vmap", "softmax"]
    assert labels(drawn(graph)) == ["dot_general", "softmax (8 functions)", "@", "sum"]
    graph = dzviz.record(lambda x: x.mean() + jnp.mean(x) + jnp.sum(x), np.ones(3), backend="jax")
    assert [name for name, _ in frames(graph)] == ["mean", "mean"]


def test_vmap_is_a_frame():
    assert frames(recorded("vmap"))[0] == ("vmap", None)


def test_checkpoint_is_a_frame():
    assert frames(recorded("checkpoint")) == []  # it is all there is
    graph = dzviz.record(
        lambda x: jax.checkpoint(lambda a: jnp.sin(a) * a)(x) * 2, 1.0, backend="jax"
    )
    assert frames(graph) == [("checkpoint", None)]


def test_a_scan_has_its_passes():
    graph = recorded("scan RNN")
    assert frames(graph)[:4] == [
        ("scan of 3 passes", None),
        ("pass 0", "scan of 3 passes"),
        ("pass 1", "scan of 3 passes"),
        ("pass 2", "scan of 3 passes"),
    ]


def test_a_reverse_scan_begins_with_its_last_pass():
    graph = recorded("reverse scan")
    assert [name for name, _ in frames(graph)] == ["scan of 3 passes", "pass 2", "pass 1", "pass 0"]


def test_a_long_scan_is_one_node():
    graph = recorded("long scan")
    assert labels(graph) == ["scan of 1000 passes"]
    assert frames(graph) == []


def test_cond_says_which_branch_was_taken():
    graph = recorded("cond and switch")
    assert [name for name, _ in frames(graph)] == ["cond", "cond"]
    assert "cond: true branch" in labels(graph)
    assert "cond: branch 2 of 3" in labels(graph)
    assert "sin" in labels(graph)
    assert "cond: false branch" in labels(recorded("cond, the other way"))
    assert "sin" not in labels(recorded("cond, the other way"))


def test_while_tells_its_passes():
    graph = dzviz.record(
        lambda x: jax.lax.while_loop(lambda a: a < 10, lambda a: a * 2, x), 1.0, backend="jax"
    )
    assert labels(graph) == ["while_loop of 4 passes"]


def test_each_node_has_the_line_that_wrote_it():
    graph = recorded("cross-entropy")
    places = {node.source[0] for node in graph.nodes if isinstance(node, FunctionNode)}
    assert places == {"tests/support/jax_programs.py"}
