"""Which passes made a gradient: what is remembered, and that nothing is kept alive by it."""

import copy
import gc
import pickle
import weakref

import numpy as np

import dezero
from dezero import Variable
from dezero.passes import ASSIGNED, MOST, Added, Pass


def var(data, name=None):
    return Variable(np.array(data, float), name)


def test_a_pass_knows_its_outputs_and_not_for_long():
    x = var(2.0)
    y = x * x
    y.name = "y"
    y.backward()
    made = x._passes
    assert isinstance(made, Pass)
    assert made.outputs[0]() is y
    assert (made.names, made.seeds) == (("y",), (None,))
    assert y._passes is made
    gc.disable()
    try:
        seen = weakref.ref(y)
        del y
        assert seen() is None
        assert made.outputs[0]() is None
    finally:
        gc.enable()


def test_every_way_to_keep_a_gradient_notes_the_pass():
    for create_graph in (False, True):
        for shape in ((), (2,)):
            for retain in (False, True):
                for observer in (None, dezero_observer()):
                    x = var(np.full(shape, 2.0))
                    a = x * x
                    y = a * 3
                    dezero.backward(
                        y, retain_grad=retain, create_graph=create_graph, observer=observer
                    )
                    assert isinstance(y._passes, Pass)
                    assert {x._passes, a._passes} == {y._passes}


def dezero_observer():
    from dzviz import Recording

    return Recording()


def test_passes_that_are_added_up_are_counted():
    x = var(2.0)
    y = x * x
    for _ in range(100):
        y.backward()
    assert isinstance(x._passes, Added)
    assert (x._passes.times, len(x._passes.passes)) == (100, 2 * MOST)
    assert not x._passes.assigned
    assert y._passes is x._passes.passes[-1]
    x.cleargrad()
    assert x._passes is None
    y.backward()
    assert isinstance(x._passes, Pass)


def test_an_assigned_gradient():
    x = var(2.0)
    y = x * x
    x.grad = np.array(7.0)
    assert x._passes is ASSIGNED
    y.backward()
    assert (x._passes.times, x._passes.assigned) == (1, True)
    x.grad = None
    assert x._passes is None


def test_seeds_that_are_not_ones_are_noted():
    x = var([2.0, 3.0])
    for seed, noted in (([1.0, 1.0], None), ([2.0, 1.0], (2,))):
        y = x * x
        y.grad = np.array(seed)
        y.backward()
        assert y._passes.seeds == (noted,)
    z = var(1.0) * 2
    z.grad = np.array(10.0)
    z.backward()
    assert z._passes.seeds == (10.0,)


def test_grad_notes_nothing():
    x = var(2.0)
    y = x * x
    y.backward()
    before = x._passes, y._passes
    dezero.grad(y, x)
    assert (x._passes, y._passes) == before


def test_a_leaf_with_a_gradient_can_be_copied_and_pickled():
    x = var(2.0, "x")
    y = x * x
    y.name = "y"
    y.backward()
    for twin in (copy.copy(x), copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert twin.grad.data == 4.0
        assert twin._passes.names == ("y",)
    assert pickle.loads(pickle.dumps(x))._passes.outputs == ()


def test_a_scalar_that_is_assigned_is_no_op_s():
    x = var(2.0)
    y = x * x
    y.data = np.float64(5.0)
    assert type(y._data) is np.ndarray
    held = np.array(3.0)
    y.data = held
    assert y.data is held
