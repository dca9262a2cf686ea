"""What is there under which name, and what importing it brings along."""

import subprocess
import sys
from pathlib import Path

import pytest

import dezero

NAMES = {
    "dezero": "Config Function Parameter Variable as_array as_variable core_simple functions "
    "is_simple_core no_grad setup_variable test_mode using_config utils",
    "dezero.core": "Add Config Div Function Mul Neg Parameter Pow Sub Variable add as_array "
    "as_variable div mul neg no_grad pow rdiv rsub setup_variable sub test_mode using_config",
    "dezero.core_simple": "Add Config Div Function Mul Neg Pow Sub Variable add as_array "
    "as_variable div mul neg no_grad pow rdiv rsub setup_variable sub using_config",
    "dezero.functions": "BroadcastTo Clip Cos Exp GetItem GetItemGrad Linear Log LogSoftmax MatMul "
    "Max MeanSquaredError Min ReLU Reshape Sigmoid Sin Softmax SoftmaxCrossEntropy Sum SumTo Tanh "
    "Transpose add average broadcast_to clip cos div exp expand_dims get_item linear linear_simple "
    "log log_softmax matmul max mean mean_squared_error mean_squared_error_simple min mul neg pow "
    "rsub relu reshape sigmoid sigmoid_simple sin softmax softmax_cross_entropy "
    "softmax_cross_entropy_simple softmax_simple sub sum sum_to tanh transpose",
    "dezero.utils": "array_allclose array_equal get_dot_graph gradient_check logsumexp "
    "max_backward_shape numerical_grad plot_dot_graph reshape_sum_backward sum_to",
}
"""The book's public names, module by module, but for layers, models, optimizers and data."""


@pytest.mark.parametrize("module", NAMES)
def test_the_books_names_are_there(module):
    code = f"from {module} import {', '.join(NAMES[module].split())}"
    exec(code, {})


def test_the_public_lists_are_true():
    for module in (dezero, dezero.utils, dezero.functions.arithmetic):
        for name in module.__all__:
            assert hasattr(module, name), name


def test_the_same_thing_under_all_its_names():
    assert dezero.core.Add is dezero.core_simple.Add is dezero.functions.Add
    assert dezero.core.setup_variable is dezero.setup_variable
    assert dezero.core.Config is dezero.Config


def test_a_name_that_core_does_not_have():
    with pytest.raises(AttributeError, match=r"'dezero\.core' has no attribute 'Sin'"):
        dezero.core.Sin  # noqa: B018 -- its lookup is the test


def test_dezero_loads_numpy_and_the_standard_library_alone():
    program = """
import sys
before = set(sys.modules)
import dezero
from dezero import core_simple, functions, utils
loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(loaded - set(sys.stdlib_module_names)))
"""
    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(dezero.__file__).parents[1],
    )
    assert run.stdout == "dezero numpy\n"
