"""Folding: a folded graph expands to the original, and says what there was each time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.graphs import CORPUS
from support.loops import (
    LOOPS,
    chain,
    collected,
    expand,
    layers,
    leaf,
    nested,
    simple,
    taken,
    two_back,
)

from dezero import Variable
from dzviz.graph import folding
from dzviz.graph.columns import rows_of
from dzviz.graph.folding import fold, fold_alike
from dzviz.graph.model import FunctionNode, VariableNode
from dzviz.graph.overview import position
from dzviz.graph.ranges import Range, range_of
from dzviz.graph.structure import Lists, numbers_of_lists
from dzviz.pipeline import Computation, take
from dzviz.sources import snapshot as source
from dzviz.sources.expression import read
from dzviz.text.gradients import derivative_of
from dzviz.text.labels import bundle_label, gradient_of


def in_columns(make, **how):
    """The graph in columns, and the same node by node."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source, "LARGE", 0)
        rows = taken(make(), **how)
    assert rows_of(rows) is not None
    return rows, rows._replace(nodes=tuple(rows.nodes), edges=tuple(rows.edges))


def parts(folded):
    """All that a folded graph says."""
    how = folded.folded
    bundles = {edge: (tuple(b.edges), b.repeat, b.lag) for edge, b in how.bundles.items()}
    members = {id: tuple(nodes) for id, nodes in how.members.items()}
    return repr((folded._replace(folded=None), how.repeats, members, bundles, how.plan))


@pytest.mark.parametrize("retain_grad", [False, True])
def test_a_graph_in_columns_folds_as_the_same_node_by_node(retain_grad):
    for name, (make, _) in LOOPS.items():
        rows, listed = in_columns(make, retain_grad=retain_grad)
        folded, other = fold(rows), fold(listed)
        assert parts(folded) == parts(other), name
        assert parts(fold_alike(rows, other)) == parts(other), name
        for id, members in folded.folded.members.items():
            for i in (0, len(members) // 2, -1):
                assert position(members, members[i].id) == i % len(members), (name, id)


def test_numbers_of_lists_tell_which_are_equal():
    random = np.random.default_rng(0)
    lists = [random.integers(0, 3, random.integers(0, 4)).tolist() for _ in range(300)]
    flat = np.array([item for each in lists for item in each], np.intp)
    numbers = numbers_of_lists(Lists(np.append(0, np.cumsum(list(map(len, lists)))), flat))
    assert [[m == n for n in numbers] for m in numbers] == [[a == b for b in lists] for a in lists]


def same(graph, other):
    """Whether two graphs say the same; a NaN is a NaN."""
    return repr(graph) == repr(other)


@pytest.fixture(params=LOOPS)
def whole(request):
    return taken(LOOPS[request.param][0]())


@pytest.mark.parametrize("name", LOOPS)
def test_what_repeats_is_found_with_its_times(name):
    make, times = LOOPS[name]
    folded = fold(taken(make()))
    assert sorted(repeat.times for repeat in folded.folded.repeats) == sorted(times)


@pytest.mark.thorough
@pytest.mark.parametrize("name", LOOPS)
@pytest.mark.parametrize("retain_grad", [False, True])
def test_a_folded_graph_expands_to_the_original(name, retain_grad):
    graph = taken(LOOPS[name][0](), retain_grad=retain_grad)
    folded = fold(graph)
    assert len(folded.nodes) < len(graph.nodes)
    assert same(expand(folded), graph)


@pytest.mark.parametrize("make", CORPUS.values(), ids=CORPUS)
def test_where_nothing_repeats_the_graph_stays_as_it_is(make):
    graph = make()
    if graph.folded is None:
        assert fold(graph) is graph
        assert expand(graph) is graph


def test_nodes_stand_after_all_they_are_computed_from_at_the_same_time(whole):
    folded = fold(whole)
    place = {node.id: i for i, node in enumerate(folded.nodes)}
    assert len(place) == len(folded.nodes)
    later = {edge for edge, bundle in folded.folded.bundles.items() if bundle.lag}
    for edge in folded.edges:
        assert edge[:3] in later or place[edge.source] < place[edge.target]
    assert set(folded.outputs) <= place.keys()


def test_edges_lead_from_time_to_time_as_they_say(whole):
    """Member i - lag of the source leads to member i of the target, for all i but the first."""
    folded = fold(whole)
    members = {
        node.id: [m.id for m in folded.folded.members.get(node.id, (node,))]
        for node in folded.nodes
    }
    innermost = {id: repeat for repeat in folded.folded.repeats for id in repeat.nodes}
    checked = 0
    for edge in folded.edges:
        bundle = folded.folded.bundles.get(edge[:3])
        for each in bundle.edges if bundle else (edge,):
            assert each.source in members[edge.source]
            assert each.target in members[edge.target]
        source, target = innermost.get(edge.source), innermost.get(edge.target)
        if source is None or source is not target or source.parent:
            continue
        if bundle.repeat is not None:
            assert (bundle.repeat, bundle.lag > 0) == (source.id, True)
        expected = [
            (members[edge.source][i - bundle.lag], members[edge.target][i])
            for i in range(bundle.lag, source.times)
        ]
        assert sorted((e.source, e.target) for e in bundle.edges) == sorted(expected)
        checked += 1
    assert checked


def test_members_are_of_one_kind_and_come_in_order_of_time(whole):
    folded = fold(whole)
    position = {node.id: node.generation for node in whole.nodes}
    for id, members in folded.folded.members.items():
        assert members[-1].id == id
        if isinstance(members[0], FunctionNode):
            assert len({(m.op, m.order, m.origin) for m in members}) == 1
        else:
            assert len({(m.shape, m.dtype) for m in members}) == 1
            generations = [position[m.id] for m in members]
            if members[0].order == 0:
                assert generations == sorted(generations)


def test_ranges_are_those_of_all_times(whole):
    folded = fold(whole)
    for node in folded.nodes:
        members = folded.folded.members.get(node.id)
        if members is None or not isinstance(node, VariableNode):
            continue
        data = np.array([m.data for m in members])
        assert (node.data.times, node.data.shape) == (len(members), members[0].shape)
        assert (node.data.low, node.data.high) == (data.min(), data.max())
        if node.data.last is not None:
            assert np.array_equal(node.data.last, members[-1].data)
        gradients = [g for m in members if (g := gradient_of(m)) is not None]
        if gradients:
            found = gradient_of(node)
            assert (found.low, found.high) == (np.min(gradients), np.max(gradients))
        else:
            assert gradient_of(node) is None


def test_gradients_are_still_of_the_same_outputs(whole):
    assert derivative_of(fold(whole)) == derivative_of(whole)


def test_leaves_keep_their_names_and_gradients():
    graph = taken(layers(20))
    folded = fold(graph)
    named = {node.name: node for node in folded.nodes if getattr(node, "name", None)}
    assert set(named) == {"x", "W1 .. W20", "b1 .. b20"}
    x = next(node for node in graph.nodes if getattr(node, "name", None) == "x")
    assert np.array_equal(named["x"].grad, x.grad)
    shared = next(n for n in fold(taken(chain())).nodes if getattr(n, "name", None) == "a")
    assert (shared.grad, shared.grad_state) == (40.0, "leaf")


def test_the_output_is_the_last_time_of_its_node():
    y = simple(40)
    folded = fold(taken(y))
    (id,) = folded.outputs
    node = next(node for node in folded.nodes if node.id == id)
    assert (node.role, node.data.last, node.seed) == ("output", y.data, 1.0)


def test_loops_lie_in_loops():
    inner, outer = sorted(fold(taken(nested(5, 20))).folded.repeats, key=lambda r: -r.times)
    assert (outer.times, inner.times, inner.parent) == (5, 20, outer.id)
    assert not set(outer.nodes) & set(inner.nodes)


def test_a_value_may_lead_two_times_on():
    lags = {bundle.lag for bundle in fold(taken(two_back())).folded.bundles.values()}
    assert lags == {0, 1, 2}


def test_a_function_of_all_times_has_one_edge_from_them():
    folded = fold(taken(collected(30)))
    (stack,) = [n.id for n in folded.nodes if getattr(n, "label", "") == "stack"]
    (edge,) = [edge for edge in folded.edges if edge.target == stack]
    assert len(folded.folded.bundles[edge[:3]].edges) == 30


def test_a_value_that_is_used_twice_after_a_loop_has_two_edges():
    y = simple(40)
    folded = fold(taken(y * y))
    product = folded.nodes[-2].id
    assert [edge.arg for edge in folded.edges if edge.target == product] == [0, 1]


def test_gradients_do_not_decide_what_folds():
    y = simple(40)
    plain = taken(y, backward=False)
    full = taken(y)
    folded = fold(plain)
    assert [n.id for n in folded.nodes] == [n.id for n in fold(full).nodes]
    assert same(fold_alike(full, folded), fold(full))


def test_where_a_nan_arose_is_found_in_the_fold():
    x = leaf(3.0, "x")
    y = x
    with np.errstate(all="ignore"):
        for _ in range(20):
            y = np.log(y)
        graph = taken(y)
    folded = fold(graph)
    assert graph.trouble is not None
    assert folded.trouble.function == folded.nodes[1].id
    values = folded.nodes[2].data
    assert (values.kind, values.nans + values.infs + values.minus_infs > 0) == ("NaN", True)
    assert same(expand(folded), graph)


def test_what_enters_at_one_time_only_says_so():
    x, w = leaf(0.5, "x"), leaf(0.4, "w")
    a, b = x, w
    for _ in range(20):
        a, b = b, a * 0.3 + b * 0.4
    folded = fold(taken(b))
    names = {node.id: node.name for node in folded.nodes if isinstance(node, VariableNode)}
    said = {(names.get(edge.source), bundle_label(edge, folded)) for edge in folded.edges}
    assert {(name, label) for name, label in said if name and label} == {
        ("x", "first time"),
        ("w", "first time"),
        ("w", "time 2"),
    }


def test_loops_that_stand_in_each_others_way_are_left_out_by_halves(monkeypatch):
    tries = []
    folded = folding._folded
    monkeypatch.setattr(folding, "_folded", lambda *given: tries.append(1) or folded(*given))
    graph = take(Computation(read("sqrt(x)"), {"x": "2"}, order=6), events=False).graph
    small = fold(graph)
    assert len(graph.nodes) > 2_000
    assert len(small.nodes) < 1_000
    assert 1 < len(tries) < 4
    assert same(expand(small), graph)


def test_what_hardly_repeats_stays():
    x = leaf(1.0, "x")
    assert fold(taken(np.sin(np.sin(np.sin(x))))).folded is None
    widths = [4, 5, 6, 7, 8, 9]
    h = leaf(np.ones((1, 3)))
    for before, after in zip([3, *widths], widths, strict=False):
        h = np.tanh(h @ leaf(np.ones((before, after))))
    assert fold(taken(np.sum(h))).folded is None


def test_ops_with_other_constants_are_other_ops():
    x = leaf(1.0, "x")
    for i in range(12):
        x = x ** (i + 2)
    assert fold(taken(x)).folded is None


OPS = {
    "sin": lambda x, other, shared: np.sin(x),
    "add": lambda x, other, shared: x + other,
    "mul": lambda x, other, shared: x * shared,
    "square": lambda x, other, shared: x**2,
    "minus": lambda x, other, shared: other - x,
    "twice": lambda x, other, shared: x * x,
    "leaf": lambda x, other, shared: x + leaf(0.5),
    "tanh": lambda x, other, shared: np.tanh(other) * x,
}

STEP = st.tuples(st.sampled_from(sorted(OPS)), st.integers(0, 2), st.integers(0, 2))


@pytest.mark.thorough
@settings(deadline=None, max_examples=150)
@given(
    begin=st.lists(STEP, max_size=2),
    body=st.lists(STEP, min_size=1, max_size=3),
    end=st.lists(STEP, max_size=3),
    inner=st.integers(1, 8),
    outer=st.integers(1, 8),
)
def test_any_loop_in_a_loop_expands_to_the_original(begin, body, end, inner, outer):
    values = [leaf(0.3, "a"), leaf(0.4, "b"), leaf(0.5, "c")]
    shared = leaf(0.7, "s")
    with np.errstate(all="ignore"):
        for _ in range(outer):
            for op, target, other in [*begin, *body * inner, *end]:
                values[target] = OPS[op](values[target], values[other], shared)
        graph = taken(values[0] + values[1] * values[2])
        folded = fold(graph)
    assert same(expand(folded), graph)


@pytest.mark.thorough
@settings(deadline=None, max_examples=150)
@given(
    before=st.lists(STEP, max_size=3),
    body=st.lists(STEP, min_size=1, max_size=6),
    times=st.integers(1, 25),
    second=st.lists(STEP, max_size=4),
    after=st.lists(STEP, max_size=3),
    keep=st.booleans(),
)
def test_any_loop_expands_to_the_original(before, body, times, second, after, keep):
    """Bodies over three carried values, two loops one after another."""
    values = [leaf(0.3, "a"), leaf(0.4, "b"), leaf(0.5, "c")]
    shared = leaf(0.7, "s")
    kept = []

    def run(steps):
        for op, target, other in steps:
            values[target] = OPS[op](values[target], values[other], shared)

    with np.errstate(all="ignore"):
        run(before)
        for _ in range(times):
            run(body)
            if keep:
                kept.append(values[0] * 2)
        for _ in range(times):
            run(second)
        run(after)
        y = values[0] + values[1] * values[2]
        for value in kept:
            y = y + value
        graph = taken(y)
        folded = fold(graph)
    assert same(expand(folded), graph)
    if folded is not graph:
        assert len(folded.nodes) < len(graph.nodes)
        test_nodes_stand_after_all_they_are_computed_from_at_the_same_time(graph)


@settings(deadline=None, max_examples=60)
@given(
    body=st.lists(st.sampled_from(["sin", "mul", "leaf", "twice"]), min_size=1, max_size=5),
    times=st.integers(8, 60),
)
def test_any_plain_loop_is_found(body, times):
    """At least so often as it was run; more often where its body itself repeats."""
    x, shared = leaf(0.3, "x"), leaf(0.7, "s")
    with np.errstate(all="ignore"):
        for _ in range(times):
            for op in body:
                x = OPS[op](x, None, shared)
        graph = taken(x)
        folded = fold(graph)
    assert max(repeat.times for repeat in folded.folded.repeats) >= times - 1
    # Each Function and its result, two leaves a Function at most, and a body's rest once more.
    assert len(folded.nodes) <= 2 * 4 * len(body) + 2


def test_the_range_of_values_that_are_not_finite():
    inf, nan = np.inf, np.nan
    values = [np.float64(v) for v in (1.0, nan, inf, -2.0, -inf, inf)]
    found = range_of(values, last=True)
    assert found == Range(6, (), -2.0, 1.0, 1, 2, 1, inf)
    assert (found.kind, found.zero) == ("NaN", False)
    arrays = [np.array([1.0, nan]), np.array([inf, -1.0])]
    assert range_of(arrays) == Range(2, (2,), -1.0, 1.0, 1, 1, 0)
    assert range_of([np.array([nan])]).low is None
    assert range_of([np.zeros((0, 3)), np.zeros((0, 3))]).low is None
    assert range_of([np.float64(0), np.float64(0)]).zero
    assert range_of([np.array([True, False])]) == Range(1, (2,), False, True)


def test_nothing_of_the_original_is_changed():
    y = simple(40)
    graph = taken(y)
    before = repr(graph)
    fold(graph)
    assert repr(graph) == before
    assert isinstance(y, Variable)


def test_a_member_less_is_seen_by_expanding():
    """The comparison above can fail."""
    graph = taken(simple(40))
    folded = fold(graph)
    id = folded.nodes[1].id
    members = {**folded.folded.members, id: folded.folded.members[id][:-1]}
    broken = folded._replace(folded=folded.folded._replace(members=members))
    assert not same(expand(broken), graph)
    assert not same(expand(fold(taken(simple(39)))), graph)
