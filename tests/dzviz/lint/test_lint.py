"""Every unstable form is found where it is, its correction computes the same, and no other is."""

import json

import numpy as np
import pytest

from dzviz.language.parse import parse
from dzviz.lint import graphs
from dzviz.lint.expressions import fixed, is_same, remarks
from dzviz.lint.forms import FINDERS
from dzviz.lint.remarks import RULES
from dzviz.pipeline import Computation, compute
from dzviz.sources.expression import read

FORMS = {
    "log(softmax(x))": ("log-softmax", "log_softmax(x)"),
    "2*log(softmax(x, axis=0))": ("log-softmax", "2*log_softmax(x, axis=0)"),
    "w*log(sigmoid(x - 1))": ("log-sigmoid", "w*(-softplus(-(x - 1)))"),
    "log(1 + x)": ("log1p", "log1p(x)"),
    "log(x*w + 1)": ("log1p", "log1p(x*w)"),
    "log(1 + exp(x))": ("softplus", "softplus(x)"),
    "log1p(exp(x*w))": ("softplus", "softplus(x*w)"),
    "(exp(x) - 1)/x": ("expm1", "(expm1(x))/x"),
    "exp(x)/sum(exp(x), axis=1, keepdims=True)": ("softmax", "softmax(x, axis=1)"),
    "log(sum(exp(x)))": ("logsumexp", "logsumexp(x)"),
    "log(sum(exp(x), axis=0))": ("logsumexp", "logsumexp(x, axis=0)"),
    "log(sum(exp(x - max(w))))": ("logsumexp", "logsumexp(x - max(w))"),
    "log(1 + exp(-abs(x)))": ("log1p", "log1p(exp(-abs(x)))"),
    "log(1 + exp(-x**2))": ("log1p", "log1p(exp(-x**2))"),
    "log(exp(x))*2": ("log-exp", "(x)*2"),
    "sqrt(x**2)": ("abs", "abs(x)"),
    "sqrt(x*x)": ("abs", "abs(x)"),
    "sqrt(x**2 + w**2)": ("hypot", "hypot(x, w)"),
    "1 - sigmoid(x)": ("one-minus", "sigmoid(-x)"),
    "b = 3; x*2": ("unused", "x*2"),
}

FINE = (
    "sin(x)*w",
    "log(2 + x)",
    "log(1.5 + x)",
    "sqrt(x**3)",
    "sqrt(x**2 - w**2)",
    "exp(x)/sum(exp(w))",
    "exp(x) - 2",
    "1 - tanh(x)",
    "log(sum(x))",
    "softmax(log(x))",
    "log_softmax(x)",
    "a = x*2; a + w",
    "x*w + 1",
    "max(x) + log(sum(exp(x - max(x))))",
    "m = max(x); exp(x - m)/sum(exp(x - m))",
    "log1p(exp(-abs(x)))",
)


def points(names):
    generator = np.random.default_rng(7)
    for shape in ((), (3,), (2, 2)):
        yield {name: np.asarray(generator.uniform(0.2, 2, shape)) for name in names}


def test_every_rule_is_tried():
    assert FINDERS.keys() <= RULES.keys()
    assert {rule for rule, _ in FORMS.values()} == FINDERS.keys() | {"unused"}


@pytest.mark.parametrize("text", FORMS)
def test_a_form_is_found_with_its_correction(text):
    rule, corrected = FORMS[text]
    (remark,) = remarks(parse(text), None)
    assert (remark.rule, remark.corrected) == (rule, corrected)
    start, end = remark.span
    assert text[:start] == corrected[:start]
    assert text[start:end] not in corrected
    assert fixed(parse(text), None)[0] == corrected
    values = {"x": np.array([[0.5, 1.5], [0.1, 2.0]]), "w": np.array(1.25)}
    program = parse(text)
    assert is_same(program, corrected, {name: values[name] for name in program.names})


@pytest.mark.parametrize("text", FINE)
def test_what_is_stable_gets_no_remark(text):
    assert list(remarks(parse(text), None)) == []


def test_a_correction_that_computes_something_else_is_not_told():
    program = parse("exp(x)/sum(exp(x))")
    whole = {"x": np.ones((2, 3))}
    (remark,) = remarks(program, whole)
    assert remark.corrected is None
    assert "write" not in remark.hint
    (remark,) = remarks(program, {"x": np.ones(3)})
    assert remark.corrected == "softmax(x)"
    assert not is_same(program, "exp(x)", whole)
    assert not is_same(program, "softmax(x", whole)


def test_a_file_is_mended_and_keeps_its_comments(tmp_path, capsys):
    from dzviz.cli import main as cli

    path = tmp_path / "loss.txt"
    path.write_text("a = log(1 + exp(x))  # soft\nleft = 3\n# the loss\nsum(a*log(softmax(x)))\n")
    assert cli.run(["lint", "-f", str(path)]) == 1
    assert "line 2, column 1: left is assigned" in capsys.readouterr().out
    assert cli.run(["lint", "-f", str(path), "--fix"]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("dzviz: mended: ") == 3
    assert path.read_text() == "a = softplus(x)  # soft\n# the loss\nsum(a*log_softmax(x))\n"
    assert cli.run(["lint", "-f", str(path)]) == 0


def test_values_tell_of_shapes_and_of_digits(capsys):
    from dzviz.cli import main as cli

    column = ["lint", "x - w", "--x", "[[1], [2], [3]]", "--w", "[1, 2, 3]", "-T", "json"]
    assert cli.run(column) == 1
    (remark,) = json.loads(capsys.readouterr().out)["remarks"]
    assert remark["rule"] == "broadcast"
    assert cli.run(["lint", "x*(1 + 1e-12) - x", "--x", "3"]) == 1
    assert "nearly equal numbers: about 4 digits are left" in capsys.readouterr().out
    assert cli.run(["lint", "x - w", "--x", "3", "--w", "3.0000001"]) == 0


def test_only_a_file_can_be_mended(capsys):
    from dzviz.cli import main as cli

    assert cli.run(["lint", "log(1 + x)", "--fix"]) == 2
    assert "-f loss.txt --fix" in capsys.readouterr().err


def test_a_difference_of_what_was_computed_and_a_constant_is_remarked_once():
    def rules(text, **values):
        evaluation = Computation(read(text), {k: str(v) for k, v in values.items()})
        return [remark.rule for remark in graphs.remarks(compute(evaluation).graph())]

    assert rules("(1 + 1e-9*x) - 1", x=2) == ["difference"]
    assert rules("1 - (1 + 1e-9*x)", x=2) == ["difference"]
    assert rules("x - 1", x=1.000000001) == []  # what is given is exact
    assert rules("(1 + x) - 1", x=2) == []


@pytest.mark.parametrize(
    "text",
    [
        "sinn(x)",
        "log(sumexp(x))",
        "log(x, 3, 4)",
        "log() + x",
        "sum(x, foo=1)",
        "max(x, x)",
        "a = log(x, 2); a*sinn(x)",
        "log(log(x, 2), 3) + sum(x, foo=1)",
    ],
)
def test_a_wrong_call_is_the_same_error_with_values_and_without(text, capsys, tmp_path):
    from dzviz.cli import main as cli

    assert cli.run(["lint", text, "--x", "1"]) == 3
    computed = capsys.readouterr()
    assert cli.run(["lint", text]) == 3
    assert capsys.readouterr() == computed
    assert "hint: " in computed.err
    path = tmp_path / "loss.txt"
    path.write_text(f"b = 3; {text}\n")
    assert cli.run(["lint", "-f", str(path), "--fix"]) == 3
    assert path.read_text() == f"b = 3; {text}\n"


def test_python_refuses_a_wrong_call_without_values():
    from dzviz import remarks as remarks_of
    from dzviz.errors import ExpressionError

    with pytest.raises(ExpressionError, match="unknown function 'sinn'"):
        remarks_of("sinn(x)")


def test_a_function_is_told_what_was_looked_at(tmp_path, capsys):
    from dzviz.cli import main as cli

    path = tmp_path / "lse.py"
    path.write_text("import numpy as np\ndef f(x): return np.log(np.sum(np.exp(x)))\n")
    function = ["lint", "--py-function", f"{path}:f"]
    assert cli.run([*function, "--x", "[1, 1000]"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(
        "dzviz: only the computed graph was looked at: the rules about unstable forms"
    )
    assert err.count("\n") == 1
    assert cli.run(function) == 0
    assert "nothing was looked at: give all variables values" in capsys.readouterr().err
    path.write_text("def f(x, w=1e-9): return (1 + w*x) - 1\n")  # w need not be given
    assert cli.run([*function, "--x", "2"]) == 1
    assert "[difference]" in capsys.readouterr().out
    path.write_text("def f(x): return x*2\n")
    assert cli.run([*function, "--x", "1", "--quiet"]) == 0
    assert cli.run(["lint", "sin(x)", "--x", "1"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("text", "x", "better"),
    [
        ("log(sum(exp(x)))", [1000, 1], "logsumexp(x)"),
        ("log(1 + exp(x))", 1000, "softplus(x)"),
        ("sqrt(x**2)", np.nan, "abs(x)"),
        ("b = 3; exp(x*1000)", 3, "exp(x*1000)"),
    ],
)
def test_values_that_overflow_do_not_hide_the_correction(text, x, better):
    [remark] = remarks(parse(text), {"x": np.array(x, float)})
    assert remark.corrected == better


def test_what_is_tried_instead_of_values_has_their_shapes():
    """Of a matrix, the softmax goes over rows, and the sum over all of it."""
    text = "exp(x)/sum(exp(x))"
    for x, same in (([800, 900], True), ([[800, 900], [900, 900]], False)):
        [remark] = remarks(parse(text), {"x": np.array(x, float)})
        assert (remark.corrected == "softmax(x)") is same
