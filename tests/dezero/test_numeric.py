"""The checker of gradients, which must not be taken in by small mistakes."""

import numpy as np
import pytest

from dezero import OPS, Function, Variable, constant, functions
from dezero.builtin import Op
from dezero.functions import abs as abs_
from dezero.functions import exp, log, mean, relu, sigmoid, sign, sin, sqrt, tanh
from dezero.numeric import GradientError, check, gradcheck, numerical_gradient
from dezero.verdicts import State


class Mine(Function):
    """A rule that is wrong by ``factor``."""

    def __init__(self, factor=1.0):
        self.factor = factor

    def forward(self, x):
        return np.sin(x)

    def backward(self, gy):
        return gy * np.cos(self.inputs[0].data) * self.factor


@pytest.mark.parametrize(
    ("f", "derivative", "x"),
    [
        (np.sin, np.cos, 1.0),
        (np.exp, np.exp, 20.0),
        (np.log, lambda x: 1 / x, 1e-6),
        (np.log, lambda x: 1 / x, 1e6),
        (np.tanh, lambda x: 1 / np.cosh(x) ** 2, -3.0),
        (lambda x: x**5, lambda x: 5 * x**4, 0.0),
        (lambda x: 1e8 * np.sin(x), lambda x: 1e8 * np.cos(x), 1.0),
    ],
)
def test_numerical_gradients_against_closed_forms(f, derivative, x):
    gradient, _ = numerical_gradient(lambda a: float(f(a)), np.array(x))
    np.testing.assert_allclose(gradient, derivative(x), rtol=1e-8, atol=1e-8)


def test_right_gradients_pass():
    gradcheck(sin, 1.0)
    gradcheck(exp, [1.0, 20.0, -3.0])
    gradcheck(log, 1e-6)
    gradcheck(sigmoid, [30.0, -30.0, -5.0])
    gradcheck(lambda x, y: tanh(x @ y), np.ones((2, 3)), np.ones((3, 2)))
    gradcheck(lambda x: tanh(x) ** 3, np.ones((2, 2)), order=2)
    gradcheck(sin, 1.0, order=3)
    gradcheck(sin, Variable(np.array([1, 2])))


@pytest.mark.parametrize("factor", [1.001, 0.999, 0.0, -1.0, np.nan, np.inf])
def test_a_wrong_rule_raises_with_both_numbers_the_place_and_the_class(factor):
    with np.errstate(invalid="ignore"), pytest.raises(GradientError) as caught:
        gradcheck(lambda x: exp(Mine(factor)(x)), [0.5, 1.0])
    message = str(caught.value)
    assert "the gradient of argument 0 at [0]" in message
    assert "by the rules" in message
    assert "by differences" in message
    assert "the backward of Mine is wrong" in message
    assert message.count("the backward of") == 1


@pytest.mark.thorough
@pytest.mark.parametrize("name", [name for name, op in OPS.items() if len(op.examples) > 0])
def test_planted_mistakes_of_a_thousandth_in_every_op(name, monkeypatch):
    from dzviz.language import evaluate as language
    from dzviz.language.parse import parse

    op = OPS[name]
    expression, all_shapes = next(iter(op.examples.items()))
    shapes = [shapes for shapes in all_shapes if 0 not in sum(shapes, ())][-1]
    program = parse(expression)
    generator = np.random.default_rng(0)
    arrays = [generator.uniform(*op.sample, shape) for shape in shapes]

    def f(*xs):
        evaluator = language._Evaluator(program, set(OPS), None)
        return evaluator.run(dict(zip(program.names, xs, strict=True)))[0]

    gradcheck(f, *arrays)
    (y,) = [f(*[Variable(a) for a in arrays])]
    kind = type(y.creator)
    assert issubclass(kind, Op)
    if isinstance(kind.vjps, property):
        right = kind.part
        monkeypatch.setattr(kind, "part", lambda *a, **k: right(*a, **k) * 1.001)
    else:
        wrong = tuple(r and (lambda *a, r=r: r(*a) * 1.001) for r in kind.vjps)
        monkeypatch.setattr(kind, "vjps", wrong)
    if name == "sign":
        return  # a thousandth of nothing
    with pytest.raises(GradientError, match=f"the backward of {kind.__name__} is wrong"):
        gradcheck(f, *arrays)


def states(report):
    return [str(c.state) for c in report.comparisons]


def wrong(rule, forward=np.square):
    """Return a Function with this rule, which gets the Function and the upstream gradient."""

    class Mistaken(Function):
        def __init__(self):
            self.runs = 0

        def forward(self, *xs):
            return forward(*xs)

        def backward(self, gy):
            return rule(self, gy)

    return lambda *xs: Mistaken()(*xs)


def test_wrong_rules_are_found_inside_a_graph():
    x = np.array(1.0)
    (verdict,) = check(lambda x: exp(sin(x) * Mine(1.01)(x)), x).blamed
    assert type(verdict.function) is Mine
    assert (verdict.operand, verdict.state) == (0, "differs")
    assert verdict.comparison.gradient == pytest.approx(1.01 * verdict.comparison.numerical)
    assert not check(exp, x).blamed


# The scales that right rules are used at


@pytest.mark.parametrize(
    ("f", "xs"),
    [
        (lambda x, y: x + y, (1e-5, 1e5)),
        (lambda x, y: x + y, (1e-9, 1e9)),
        (lambda x, y: x - y, (1e300, 1e285)),
        (lambda x: 1 / x, (1e-100,)),
        (lambda x: x**3, (1e-90,)),
        (lambda x: x * 1e300, (3.0,)),
        (lambda x: (x @ [1e8, 1e-8]).sum(), ([[1e-8, 1e8]],)),
        (sin, (1e8,)),
        (exp, (700.0,)),
        (exp, (-700.0,)),
        (sin, (np.pi / 2,)),
        (lambda x: functions.softmax(x, axis=0).sum(), ([1.0, 2.0, 3.0],)),
        (lambda x: abs_(x - 1), (1 + 1e-7,)),
        (functions.prod, ([0.0, 2.0, 3.0],)),
        (functions.prod, ([0.0, 0.0, 3.0],)),
        (lambda x: x[[0, 0, 1]], ([1.0, 2.0],)),
        (lambda x, b: x * b, (np.ones((2, 3)), [1.0, 2.0, 3.0])),
        (lambda x: functions.softmax_cross_entropy(x, [1, 0]), ([[1.0, 2.0], [3.0, 1.0]],)),
    ],
)
def test_right_rules_at_awkward_scales_agree(f, xs):
    report = check(f, *xs)
    assert set(states(report)) == {"agrees"}
    assert {v.state for v in report.verdicts} == {"agrees"}


def test_a_sum_of_many_squares():
    x = np.random.default_rng(1).normal(size=(30, 30))
    assert set(states(gradcheck(lambda x: (x * x).sum(), x))) == {"agrees"}


def test_rounding_of_the_formula_accuses_no_rule():
    report = gradcheck(lambda x: (x + 1e12) - 1e12, 1.0)
    assert states(report) == ["too noisy"]
    assert {v.state for v in report.verdicts} == {"agrees"}
    with pytest.raises(GradientError, match="too noisy: 1 gradient"):
        gradcheck(lambda x: (x + 1e12) - 1e12, 1.0, strict=True)


X, T = np.array([[1.0, 3], [2, 1], [3, 5]]), np.array([210000.0, 199000, 345000])


def test_an_offset_of_the_formula_hides_no_rule():
    square = wrong(lambda self, gy: 3 * self.inputs[0] * gy)
    with pytest.raises(GradientError, match="the backward of Mistaken is wrong"):
        gradcheck(lambda w, b: mean(square(X @ w + b - T)), [0.001, -0.002], 0.0)
    report = gradcheck(lambda w, b: mean((X @ w + b - T) ** 2), [0.001, -0.002], 0.0)
    assert set(states(report)) == {"agrees"}
    # 1e6 beside 1e-7 hides the gradient itself, but not the rule.
    with pytest.raises(GradientError, match="the backward of Mistaken is wrong"):
        gradcheck(lambda x: square(x) + 1e9, 1e-7)


# Mistakes of all kinds


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(lambda self, gy: 2 * self.inputs[0] * gy * 1.001, id="0.1 % too much"),
        pytest.param(lambda self, gy: -2 * self.inputs[0] * gy, id="sign"),
        pytest.param(lambda self, gy: 2 * self.inputs[0], id="upstream forgotten"),
        pytest.param(lambda self, gy: 2 * self.inputs[0] * gy * gy, id="not linear"),
        pytest.param(lambda self, gy: 0 * self.inputs[0] * gy, id="zero"),
        pytest.param(lambda self, gy: None, id="none"),
        pytest.param(
            lambda self, gy: 2 * self.inputs[0] * gy * np.array([1, 1, 1.001]), id="one element"
        ),
        pytest.param(
            lambda self, gy: 2 * self.inputs[0] * gy * (1 + (self.inputs[0].data < 0)),
            id="below 0",
        ),
        pytest.param(lambda self, gy: 2 * self.inputs[0] * gy * np.nan, id="nan"),
    ],
)
@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
def test_kinds_of_mistakes(rule, scale):
    report = check(lambda x: wrong(rule)(x).sum(), scale * np.array([1.0, -2.0, 3.0]))
    assert [v.state for v in report.blamed] == ["differs"]
    assert report.fails


def test_an_operand_that_gets_nothing():
    product = wrong(lambda self, gy: (gy * self.inputs[1], None), np.multiply)
    (verdict,) = check(lambda x, y: product(x, y), 2.0, 3.0).blamed
    assert verdict.operand == 1
    assert not check(lambda x: product(x, 3.0), 2.0).blamed  # a constant needs nothing


def test_a_broadcast_axis_that_is_not_summed():
    first = wrong(lambda self, gy: (gy, Variable(gy.data[0])), np.add)
    (verdict,) = check(first, np.ones((2, 3)), np.ones(3)).blamed
    assert verdict.operand == 1


@pytest.mark.thorough
def test_one_wrong_element_of_many_is_found_among_its_block():
    def rule(self, gy):
        (x,) = self.inputs
        factor = np.ones(x.shape)
        factor[123] = 1.05
        return 2 * x * gy * factor

    x = np.random.default_rng(0).uniform(1, 2, 4000)
    (verdict,) = check(lambda x: wrong(rule)(x).sum(), x).blamed
    start = verdict.comparison.place[0]
    assert start <= 123 < start + verdict.comparison.elements
    assert "elements after it" in verdict.sentence()
    assert set(states(check(lambda x: (x * x).sum(), x))) == {"agrees"}


def test_a_rule_of_the_first_order_is_tried_for_the_second_too():
    square = wrong(lambda self, gy: 3 * self.inputs[0] * gy)
    (verdict,) = check(square, 2.0, order=2).blamed
    assert "Mistaken" in verdict.sentence()


def test_a_rule_that_the_upstream_gradient_hides():
    square = wrong(lambda self, gy: 3 * self.inputs[0] * gy)
    (verdict,) = check(lambda x: square(x) * 0.0 + x, 2.0).blamed
    assert "for another upstream gradient" in verdict.sentence()


def test_a_graph_that_was_left_is_told():
    with pytest.raises(GradientError, match="computed outside the graph"):
        gradcheck(lambda x: x * Variable(np.asarray(x.data * 2)), 3.0)


# Where there is no derivative


@pytest.mark.parametrize(
    ("f", "x", "state"),
    [
        (relu, 0.0, "no derivative here"),
        (abs_, 0.0, "no derivative here"),
        (sign, 0.0, "no derivative here"),
        (functions.max, [1.0, 1.0], "no derivative here"),
        (lambda x: functions.clip(x, 0, 1), 1.0, "no derivative here"),
        (lambda x: x**1.5, 0.0, "no derivative here"),
        (lambda x: functions.where(x > 0, x, x * x), 0.0, "no derivative here"),
        (sqrt, 0.0, "not finite"),
        (lambda x: x**0.5, 0.0, "not finite"),
        (log, 0.0, "not finite"),
        (log, -1.0, "not finite"),
        (sin, np.nan, "not finite"),
        (lambda x: 1 / x, 0.0, "not finite"),
        (lambda x: x**-1, 0.0, "not finite"),
        (lambda x: 1 / x**2, 0.0, "not finite"),
        (lambda e: (e / e.sum()).sum(), [0.0, 0.0], "not finite"),
        (lambda x: functions.where(x > 0, sqrt(x), 0), -1.0, "not finite"),
    ],
)
def test_where_there_is_no_derivative_no_rule_is_blamed(f, x, state):
    report = check(f, x)
    assert set(states(report)) == {state}
    assert not report.blamed
    if state == "not finite":
        with pytest.raises(GradientError, match="its rule may be right"):
            gradcheck(f, x)
    else:
        assert not report.fails
        with pytest.raises(GradientError, match=f"{state}: "):
            gradcheck(f, x, strict=True)


@pytest.mark.parametrize(("slope", "right"), [(-1.0, True), (0.3, True), (1.0, True), (1.1, False)])
def test_at_a_kink_a_rule_is_right_between_the_slopes(slope, right):
    report = check(wrong(lambda self, gy: gy * slope, np.abs), 0.0)
    assert bool(report.blamed) is not right
    assert states(report) == ["no derivative here" if right else "differs"]


def test_a_kink_of_the_derivative_is_no_mistake():
    assert states(gradcheck(lambda x: abs_(x) * x, 0.0)) == ["agrees"]
    assert states(gradcheck(lambda x: relu(x) * x, 0.0)) == ["agrees"]


def test_rules_that_are_right_by_themselves_may_be_no_derivative_together():
    report = gradcheck(lambda x: relu(x) - relu(-x), 0.0)  # which is x, but its gradient is 0
    assert states(report) == ["no derivative here"]
    assert report.doubts == ["no derivative here: 1 gradient, the rule of Relu"]


def test_labels_are_not_moved():
    scores, labels = [[1.0, 2.0], [3.0, 1.0]], [1.0, 0.0]
    report = gradcheck(functions.softmax_cross_entropy, scores, labels)
    assert states(report) == ["agrees"] * 4 + ["no derivative here"] * 2
    assert [v.operand for v in report.verdicts] == [0]


# Functions that cannot be tried


def test_a_rule_that_fails_raises_what_it_raises():
    def rule(self, gy):
        raise RuntimeError("no idea")

    with pytest.raises(RuntimeError, match="no idea"):
        gradcheck(wrong(rule), 1.0)


def test_a_function_that_runs_once_is_told():
    class Once(Function):
        ran = False

        def forward(self, x):
            if self.ran:
                raise RuntimeError("already")
            self.ran = True
            return x * 2

        def backward(self, gy):
            return gy * 2

    report = gradcheck(lambda x: Once()(x), 1.0)
    assert states(report) == ["agrees"]
    assert report.doubts == ["Once cannot be checked alone: RuntimeError: already"]
    with pytest.raises(GradientError, match="already"):
        gradcheck(lambda x: Once()(x), 1.0, strict=True)


def test_a_function_of_chance_is_told():
    generator = np.random.default_rng(0)

    class Chance(Function):
        def forward(self, x):
            self.mask = generator.random(x.shape)
            return x * self.mask

        def backward(self, gy):
            return gy * self.mask

    report = check(lambda x: Chance()(x), np.ones(3))
    assert not report.blamed
    assert "a different result each time" in report.doubts[-1]


def test_several_outputs_of_one_function():
    class Both(Function):
        def __init__(self, factor):
            self.factor = factor

        def forward(self, x):
            return x * x, x * x * x

        def backward(self, g0, g1):
            (x,) = self.inputs
            return 2 * x * g0 + self.factor * x * x * g1

    for factor, count in ((3, 0), (3.003, 1)):
        report = check(lambda x, factor=factor: list(Both(factor)(x)), [1.0, 2.0])
        assert len(report.blamed) == count
        alone = check(lambda x, factor=factor: Both(factor)(x)[0], [1.0, 2.0])
        assert len(alone.blamed) == count


def test_float32_inside_is_allowed_for():
    def forward(x):
        return np.sin(x.astype(np.float32))

    right = wrong(lambda self, gy: gy * np.cos(self.inputs[0].data), forward)
    half = wrong(lambda self, gy: gy * np.cos(self.inputs[0].data) / 2, forward)
    assert not check(right, 0.7).blamed
    assert check(half, 0.7).blamed


# The rest


def test_constants_are_not_compared():
    assert [c.argument for c in check(lambda x: x * constant(3.0), 2.0).comparisons] == [0]


def test_the_order_is_at_least_one():
    with pytest.raises(ValueError, match="at least 1"):
        gradcheck(sin, 1.0, order=0)


def test_tolerances_of_the_users_own():
    report = check(Mine(1.001), 0.5, rtol=0.01)
    assert states(report) == ["agrees"]
    assert not report.blamed
    assert states(check(Mine(1.001), 0.5, atol=0.1)) == ["agrees"]
    assert states(check(Mine(1.00001), 0.5, rtol=1e-7)) == ["differs"]


def test_nothing_is_changed():
    x = Variable(np.array([1.0, 2.0]))
    x.grad = np.array([7.0, 7.0])
    gradcheck(lambda x: wrong(lambda self, gy: 2 * self.inputs[0] * gy)(x), x)
    assert x.data.tolist() == [1, 2]
    assert x.grad.data.tolist() == [7, 7]


def test_a_report_is_data():
    report = check(lambda x: relu(x) * 2, [1.0, -1.0])
    assert [type(v.function).__name__ for v in report.verdicts] == ["Mul", "Relu"]
    assert report == check(lambda x: relu(x) * 2, [1.0, -1.0])._replace(verdicts=report.verdicts)
    (first, _) = report.comparisons
    assert first.place == (0,)
    assert first.state is State.AGREES
    assert abs(first.gradient - first.numerical) <= first.error + 1e-12


@pytest.mark.parametrize("x", [1000.0, -1e5])
def test_large_arguments_of_wavy_functions(x):
    gradcheck(sin, x, strict=True)
    gradcheck(lambda v: sin(v * 1000), 1.0, strict=True)


def test_waves_that_numbers_do_not_resolve():
    assert states(gradcheck(sin, 1e300)) == ["too noisy"]


def test_the_gradient_of_a_number_is_shown_as_it_is():
    (comparison,) = check(sin, 1.0).comparisons
    assert comparison.gradient == np.cos(1.0)
