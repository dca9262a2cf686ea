"""What every op of the table says that it takes, it checks: with the shapes and the place."""

import re

import numpy as np
import pytest

from dezero import OPS, Variable, functions
from dezero.ops import BINARY
from dzviz.cli import main as cli
from dzviz.errors import EvaluationError
from dzviz.language.evaluate import evaluate
from dzviz.language.parse import parse

REDUCED = {
    "{}(x, axis=1)": [((3,),)],
    "{}(x, axis=-3)": [((2, 3),)],
    "{}(x, axis=(0, 0))": [((2, 3),)],
    "{}(x, axis=(0, 2), keepdims=True)": [((2, 3),)],
}
NOT_OF_NOTHING = {"{}(x)": [((0,),), ((0, 3),)], "{}(x, axis=0)": [((0, 3),)]}

VIOLATIONS = {
    "matmul": {"a @ b": [((2, 3), (2, 3)), ((3,), (2,)), ((), (3,)), ((2, 2, 3), (5, 3, 2))]},
    "dot": {"dot(a, b)": [((2, 3), (2, 3)), ((3,), (2,)), ((2, 2, 2), (2,)), ((), (2, 2, 2))]},
    "linear": {
        "linear(x, W)": [((3,), (3, 4)), ((2, 3), (2, 4)), ((2, 3), (3,)), ((2, 3), (2, 3, 4))],
        "linear(x, W, b)": [
            ((2, 3), (3, 4), (3,)),
            ((2, 3), (3, 4), (1,)),
            ((2, 3), (3, 4), ()),
            ((2, 3), (3, 4), (2, 4)),
        ],
    },
    "softmax": {"softmax(x)": [((),)], "softmax(x, axis=-2)": [((3,),)]},
    "log_softmax": {"log_softmax(x)": [((),)], "log_softmax(x, axis=2)": [((2, 3),)]},
    "mean_squared_error": {
        "mean_squared_error(x0, x1)": [
            ((3, 1), (3,)),
            ((3,), (1,)),
            ((3,), ()),
            ((), (2, 2)),
            ((2, 3), (3, 2)),
            ((0,), (0,)),
            ((0, 3), (0, 3)),
        ]
    },
    "softmax_cross_entropy": {
        "softmax_cross_entropy(x, t)": [
            ((2, 3), (3,)),
            ((2, 3), (2, 3)),
            ((2, 3), ()),
            ((3,), (3,)),
            ((), ()),
            ((0, 3), (0,)),
        ],
        "softmax_cross_entropy(x, [0, 3])": [((2, 3),)],
        "softmax_cross_entropy(x, [-1, 0])": [((2, 3),)],
        "softmax_cross_entropy(x, [0.5, 0])": [((2, 3),)],
        "softmax_cross_entropy(x, [nan, 0])": [((2, 3),)],
    },
    "huber": {"huber(x0, x1)": [((3, 1), (3,)), ((3,), ()), ((0,), (0,))]},
    "binary_cross_entropy": {
        "binary_cross_entropy(p, t)": [((3, 1), (3,)), ((), (2,)), ((0, 2), (0, 2))]
    },
    "kl_div": {"kl_div(p, q)": [((3, 1), (3,)), ((), (2,))]},
    "outer": {"outer(a, b)": [((2, 3), (3,)), ((), (3,))]},
    "einsum": {
        "einsum('ij,jk->ik', a, b)": [((2, 3), (2, 3)), ((3,), (3, 2)), ((2, 3), (3,))],
        "einsum('ii', a)": [((2, 3),), ((3,),)],
        "einsum('i,j', a)": [((3,),)],
        "einsum('i->ij', a)": [((3,),)],
        "einsum('i->ii', a)": [((3,),)],
        "einsum('...i,i', a, b)": [((2, 3), (2,)), ((), (3,))],
        "einsum('i.j', a)": [((2, 3),)],
    },
    "solve": {"solve(A, b)": [((2, 3), (2,)), ((2, 2), (3,)), ((2, 2), ()), ((3,), (3,))]},
    "inv": {"inv(A)": [((2, 3),), ((3,),), ((2, 2),)]},
    "det": {"det(A)": [((2, 3),), ((),)]},
    "diag": {"diag(x)": [((),), ((2, 2, 2),)]},
    "hstack": {"hstack([x, y])": [((2, 3), (3,)), ((2, 3), (3, 3))]},
    "vstack": {"vstack([x, y])": [((2, 3), (2,)), ((2, 3), (3, 4))]},
    "cumsum": {"cumsum(x, axis=1)": [((3,),)]},
    "roll": {"roll(x, 1, axis=2)": [((2, 3),)], "roll(x, (1, 2, 3), axis=(0, 1))": [((2, 3),)]},
    "sort": {"sort(x)": [((),)], "sort(x, axis=1)": [((3,),)]},
    "topk": {"topk(x, 4)": [((3,),), ((2, 3),)], "topk(x, -1)": [((3,),)], "topk(x, 1)": [((),)]},
    "embedding": {
        "embedding([0, 3], W)": [((3, 2),), ((3,),)],
        "embedding([-1], W)": [((3, 2),)],
        "embedding([0.5], W)": [((3, 2),)],
        "embedding([nan], W)": [((3, 2),)],
        "embedding([0], W)": [((0, 2),), ((2, 2, 2),)],
    },
    "layer_norm": {
        "layer_norm(x)": [((),), ((2, 0),)],
        "layer_norm(x, gamma)": [((2, 3), (2,)), ((2, 3), (1,)), ((2, 3), ())],
        "layer_norm(x, beta=beta)": [((2, 3), (2,))],
    },
    "batch_norm": {
        "batch_norm(x)": [((),), ((3,),), ((0, 3),)],
        "batch_norm(x, gamma)": [((2, 3), (2,)), ((2, 3, 4), (4,)), ((2, 3), ())],
        "batch_norm(x, [1, 2, 3], beta)": [((2, 3), (2,))],
    },
    "conv1d": {
        "conv1d(x, W)": [((5,), (6,)), ((2, 3, 5), (4, 2, 2)), ((3, 5), (3, 2)), ((5,), (0,))],
        "conv1d(x, W, b)": [((2, 3, 5), (4, 3, 2), (3,)), ((5,), (2,), (1,))],
        "conv1d(x, W, pad=1)": [((2,), (5,))],
    },
    "conv2d": {
        "conv2d(x, W)": [((2, 2), (3, 2)), ((1, 2, 4, 4), (1, 3, 2, 2)), ((4, 4), (1, 1, 2, 2))],
        "conv2d(x, W, b)": [((1, 2, 4, 4), (3, 2, 2, 2), (2,)), ((4, 4), (2, 2), (2,))],
        "conv2d(x, W, stride=0)": [((4, 4), (2, 2))],
        "conv2d(x, W, pad=-1)": [((4, 4), (2, 2))],
        "conv2d(x, W, stride=(1, 1, 1))": [((4, 4), (2, 2))],
    },
    "max_pool2d": {"max_pool2d(x)": [((1, 2),), ((2,),)], "max_pool2d(x, 0)": [((2, 2),)]},
    "avg_pool2d": {
        "avg_pool2d(x, (2, 3))": [((2, 2),), ((),)],
        "avg_pool2d(x, 2, stride=0)": [((2, 2),)],
    },
    "attention": {
        "attention(q, k, v)": [
            ((2, 3), (4, 2), (4, 2)),
            ((2, 3), (4, 3), (3, 2)),
            ((3,), (3,), (3,)),
            ((2, 0), (2, 0), (2, 1)),
            ((2, 1), (0, 1), (0, 1)),
        ],
        "attention(x, x, x, mask=[1, 1, 1])": [((2, 3),)],
    },
    "lstm_cell": {
        "lstm_cell(x, h, c, W, U)[0]": [
            ((2,), (3,), (3,), (2, 9), (3, 9)),
            ((2,), (3,), (3,), (2, 12), (2, 12)),
            ((2,), (3,), (2,), (2, 12), (3, 12)),
            ((), (3,), (3,), (2, 12), (3, 12)),
        ],
        "lstm_cell(x, h, c, W, U, b)[1]": [((2,), (3,), (3,), (2, 12), (3, 12), (3,))],
    },
    "gru_cell": {
        "gru_cell(x, h, W, U)": [((2,), (3,), (2, 12), (3, 12)), ((2,), (), (2, 9), (3, 9))],
        "gru_cell(x, h, W, U, b)": [((2,), (3,), (2, 9), (3, 9), (3,))],
    },
    "sum": REDUCED,
    "prod": REDUCED,
    "norm": REDUCED | {"norm(x, 2)": [((2, 3),)], "norm(x, 3)": [((3,),)]},
    **dict.fromkeys(["mean", "var", "std", "max", "min", "logsumexp"], REDUCED | NOT_OF_NOTHING),
    "reshape": {"reshape(x, (4, 2))": [((2, 3),)], "reshape(x, (-1, -1))": [((2, 3),)]},
    "transpose": {
        "transpose(x, (0, 1))": [((3,),), ((2, 3, 4),)],
        "transpose(x, (0, 0))": [((2, 3),)],
        "transpose(x, (0, 2))": [((2, 3),)],
    },
    "get_item": {
        "x[3]": [((3,),), ((),)],
        "x[0, 0]": [((3,),)],
        "x[[0, 1], [0, 1, 2]]": [((2, 3),)],
        "x[[True, False]]": [((3,),)],
    },
    "broadcast_to": {"broadcast_to(x, (2, 3))": [((2,),), ((3, 1),), ((1, 2, 3),)]},
    "sum_to": {"sum_to(x, (1, 3))": [((2, 4),), ((3,),), ((),)], "sum_to(x, 2)": [((2, 3),)]},
    "stack": {
        "stack([x, y])": [((2,), (3,)), ((3,), ()), ((3, 1), (3,))],
        "stack([x, y], axis=2)": [((3,), (3,))],
    },
    "concatenate": {
        "concatenate([x, y])": [((2, 3), (2, 4)), ((3,), (2, 3)), ((), ())],
        "concatenate([x, y], axis=1)": [((3,), (3,))],
    },
    "expand_dims": {"expand_dims(x, 3)": [((2, 3),)], "expand_dims(x, (0, 0))": [((3,),)]},
    "squeeze": {"squeeze(x, axis=0)": [((3,),)], "squeeze(x, axis=2)": [((1, 1),)]},
    "where": {"where(c, a, b)": [((2,), (3,), (3,)), ((2,), (2,), (3,)), ((2, 1), (3,), (2,))]},
}
"""For each op expressions, as in its ``examples``, with shapes that its documentation excludes."""

MISFITS = [((2,), (3,)), ((2, 3), (2,)), ((3, 2), (2, 3)), ((0,), (2,))]
"""Shapes that cannot be broadcast together."""

VIOLATIONS |= {
    name: {expression: MISFITS}
    for name, op in OPS.items()
    for expression, shapes in op.examples.items()
    if shapes is BINARY
}

CASES = [
    pytest.param(name, expression.format(name), shapes, id=f"{expression.format(name)} {shapes}")
    for name, expressions in VIOLATIONS.items()
    for expression, all_shapes in expressions.items()
    for shapes in all_shapes
]


def test_every_op_with_a_condition_is_tried():
    for name, op in OPS.items():
        if op.shapes != "any" or "empty" in op.domain:
            assert name in VIOLATIONS, name
        if "empty" in op.domain:
            tried = VIOLATIONS[name].values()
            assert any(0 in shape for all_shapes in tried for each in all_shapes for shape in each)
    assert {"add", "pow", "maximum"} <= VIOLATIONS.keys() <= OPS.keys()


def values(names, shapes):
    return {name: np.zeros(shape) for name, shape in zip(names, shapes, strict=True)}


@pytest.mark.parametrize(("name", "expression", "shapes"), CASES)
def test_a_violation_is_told_with_shapes_and_place(name, expression, shapes):
    text = f"1 + sum({expression})"
    program = parse(text)
    with pytest.raises(EvaluationError) as caught:
        evaluate(program, values(program.names, shapes))
    error = caught.value
    for shape in shapes:
        assert str(shape) in str(error)
    op = OPS[name]
    assert (op.symbol or name).removesuffix("]").removeprefix("[") in str(error)
    start, end = error.place.start, error.place.end
    call = expression.rpartition(")")[0] + ")"  # not which of its results is taken
    assert text[start:end] in (expression, call)
    if op.shapes != "any":
        assert error.hint.endswith(f" takes {op.shapes}")


@pytest.mark.parametrize(("name", "expression", "shapes"), CASES)
def test_from_python_it_is_an_error_too(name, expression, shapes):
    names = parse(expression).names
    variables = {n: Variable(array) for n, array in values(names, shapes).items()}
    with pytest.raises((ValueError, IndexError)):  # the texts are those of the table above
        eval(expression, {**vars(functions), "nan": np.nan}, variables)


SIMPLE = {
    "mean_squared_error": functions.mean_squared_error_simple,
    "softmax_cross_entropy": functions.softmax_cross_entropy_simple,
}


@pytest.mark.parametrize("name", SIMPLE)
def test_the_versions_of_smaller_ops_check_the_same(name):
    pairs = [each for shapes in VIOLATIONS[name].values() for each in shapes if len(each) == 2]
    assert len(pairs) >= 5
    for shapes in pairs:
        with pytest.raises(ValueError, match=re.escape(str(shapes[0]))):
            SIMPLE[name](*(Variable(np.zeros(shape)) for shape in shapes))


def test_the_command_ends_with_4(capsys):
    args = ["mean_squared_error(x, y)", "--x", "[[1], [2], [3]]", "--y", "[1, 2, 3]"]
    assert cli.run(args) == 4
    told = capsys.readouterr()
    assert told.out == ""
    assert "x0 and x1 must have the same shape, not (3, 1) and (3,) (column 1)" in told.err
