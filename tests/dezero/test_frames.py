"""What belongs to a call of an op that is made of others, and what Functions say besides."""

import gc
import pickle
import weakref

import numpy as np
import pytest

from dezero import OPS, Variable, functions, no_grad
from dezero.frames import Frame, composed, expanded
from dezero.functions import attention, dropout, exp, layer_norm, softmax_cross_entropy


def matrix(*shape):
    return Variable(np.random.default_rng(0).normal(size=shape))


def behind(y):
    """Return the Functions of a graph."""
    found, pending = {}, [y.creator]
    while pending:
        function = pending.pop()
        if function is not None and function not in found:
            found[function] = None
            pending += [x.creator for x in function.inputs]
    return list(found)


def test_functions_know_the_call_that_they_are_a_part_of():
    x = matrix(3, 2)
    q = exp(x)
    y = attention(q, x, x) * 2
    frames = {function._frame for function in behind(y)}
    (frame,) = frames - {None}
    assert (frame.name, frame.kind, frame.parent) == ("attention", "op", None)
    assert frame.operands == (q, x, x)
    assert q.creator._frame is y.creator._frame is None


def test_calls_within_calls():
    @composed
    def twice(x):
        return attention(attention(x, x, x), x, x)

    found = [function._frame for function in behind(twice(matrix(3, 2)))]
    assert {frame.name for frame in found} == {"attention"}
    assert len(set(found)) == 2
    assert len({frame.parent for frame in found}) == 1
    assert found[0].parent.name == "twice"


def test_an_op_is_one_function_unless_it_is_expanded():
    x = matrix(2, 3)
    assert len(behind(layer_norm(x))) == 1
    with expanded(("softmax_cross_entropy",)):
        assert len(behind(layer_norm(x))) == 1
        assert len(behind(softmax_cross_entropy(x, [0, 1]))) > 1
    with expanded(("all",)):
        assert len(behind(layer_norm(x))) > 1
    assert len(behind(layer_norm(x))) == 1


REFUSED = {
    "layer_norm": [((),), ((2, 0),), ((2, 3), (2,)), ((2, 3), (3,), (1,))],
    "softmax_cross_entropy": [((), ()), ((0, 3), (0,)), ((2, 3), (3,)), ((3,), (3,))],
}


@pytest.mark.parametrize("name", REFUSED)
def test_parts_refuse_what_the_whole_refuses(name):
    for shapes in REFUSED[name]:
        arguments = [Variable(np.zeros(shape)) for shape in shapes]
        with pytest.raises(ValueError, match=r"\(") as whole:
            getattr(functions, name)(*arguments)
        with expanded((name,)), pytest.raises(ValueError, match=r"\(") as parts:
            getattr(functions, name)(*arguments)
        assert str(whole.value) == str(parts.value)


def test_the_table_says_which_are_made_of_others():
    kinds = {name: op.composed for name, op in OPS.items() if op.composed}
    assert kinds == {
        "layer_norm": "expanded",
        "softmax_cross_entropy": "expanded",
        "attention": "always",
        "lstm_cell": "always",
        "gru_cell": "always",
    }


def test_a_graph_dies_with_its_output_and_without_the_garbage_collector():
    gc.disable()
    try:
        y = attention(matrix(3, 2), matrix(3, 2), matrix(3, 2))
        softmax = weakref.ref(y.creator.inputs[0])
        del y
        assert softmax() is None
    finally:
        gc.enable()


def test_without_a_graph_there_is_nothing_to_frame():
    with no_grad():
        assert attention(matrix(3, 2), matrix(3, 2), matrix(3, 2)).creator is None


def test_a_frame_can_be_pickled():
    assert pickle.loads(pickle.dumps(Frame("f", "function"))).name == "f"


def test_dropout_tells_its_mask():
    y = dropout(Variable(np.ones((2, 3))), 0.5, seed=3)
    mask = [[float(n) for n in row] for row in y.data]
    text = ", ".join(f"[{', '.join(f'{n:g}' for n in row)}]" for row in mask)
    assert y.creator.detail == f"mask [{text}]"
    large = dropout(Variable(np.ones(1000)), 0.25).creator
    zeros = int(np.sum(large.forward(np.ones(1000)) == 0))
    assert large.detail == f"mask 0 at {zeros} of 1000, else 1.333"
    assert 200 < zeros < 300
    assert exp(Variable(np.ones(1))).creator.detail is None
