"""`dzviz explain`: what is written, into which file, and what is refused."""

import pytest

from dzviz.equations.writers import FORMS

EXAMPLE = ("explain", "a = x**2; a*sin(a)", "--x", "3")

TEXT = """\
a  = x**2                      = 9
y  = a*sin(a)                  = 3.709
dy/da = sin(a) + a*cos(a)      = 0.4121 - 8.200 = -7.788
dy/dx = dy/da * 2*x            = -7.788 * 6     = -46.73
"""


def test_the_example(dzviz):
    result = dzviz(*EXAMPLE)
    assert (result.code, result.out, result.err) == (0, TEXT, "")
    finer = dzviz(*EXAMPLE, "--precision", "6")
    assert finer.out.endswith("= -46.7283\n")


def test_a_file_has_the_form_of_its_suffix(dzviz, tmp_path):
    begins = {"tex": "\\begin{alignat*}", "html": "<!DOCTYPE", "md": "- $", "txt": "a  = x**2"}
    for suffix, begin in begins.items():
        path = tmp_path / f"made.{suffix}"
        result = dzviz(*EXAMPLE, "-o", str(path))
        assert (result.code, result.out) == (0, "")
        assert path.read_text(encoding="utf-8").startswith(begin)
    assert len(begins) == len(FORMS)
    assert dzviz(*EXAMPLE, "-T", "tex", "-o", "-").out.startswith("\\begin{alignat*}")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (
            ("x*y", "--x", "1", "--y", "2", "--order", "2"),
            "which variable should it differentiate by?",
        ),
        (("x*y", "--x", "1", "--y", "2", "--wrt", "z"), "there is no variable 'z'"),
        (("x", "--x", "1", "--order", "3", "--wrt", "x,x"), "--wrt names 2 variables"),
        (("x", "--x", "1", "--order", "0"), "--order"),
        (("x*2", "--x", "1", "-T", "pdf"), "a derivation has no format 'pdf'"),
        (("x*2", "--x", "1", "-T", "texx"), "did you mean tex?"),
        (("x*2", "--x", "1", "-o", "made.svg"), "a derivation cannot be 'made.svg'"),
        (("x*2", "--x", "1", "--detail", "all"), "--detail"),
        (("1 + 2",), "there are no variables, so there is nothing to derive"),
        (("x", "--x", "1"), "there is nothing to derive: no op that has a derivative"),
        (("(x > 0)*2", "--x", "1"), "there is nothing to derive"),
        (("x*2",), "x"),
    ],
)
def test_what_is_wrong_is_said(dzviz, args, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = dzviz("explain", *args)
    assert (result.code, result.out) == (2, "")
    assert words in result.err
    assert list(tmp_path.iterdir()) == []


def test_a_graph_from_a_file_tells_no_rules(dzviz, tmp_path):
    path = tmp_path / "graph.json"
    path.write_text(dzviz("sin(x)*x", "--x", "1", "-T", "json", "--full").out)
    result = dzviz("explain", "--graph", str(path))
    assert (result.code, result.out) == (2, "")
    assert "there are no rules to read" in result.err
    assert "dzviz why" in result.err


def test_what_is_not_finite_is_said(dzviz):
    result = dzviz("explain", "log(x)", "--x", "0")
    assert result.code == 0
    assert result.out.endswith("dy/dx = 1/x                    = inf\n")
    assert "first infinity: log" in result.err
    assert dzviz("explain", "log(x)", "--x", "0", "--strict").code == 4


def test_documents_show_formulas(dzviz, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    marks = {"md": "<!-- {} -->\n<!-- /dzviz -->\n", "rst": ".. {}\n.. /dzviz\n"}
    marks["adoc"] = "// {}\n// /dzviz\n"
    shown = {
        ("md", "markdown"): "- $\\displaystyle ",
        ("md", "tex"): "```math\n\\begin{alignat*}",
        ("md", "html"): '<div>\n<math display="block">',
        ("md", "text"): "```text\ny  = sin(x)",
        ("rst", "tex"): ".. math::\n   :nowrap:\n\n   \\begin{alignat*}",
        ("rst", "html"): ".. raw:: html\n\n   <math",
        ("adoc", "tex"): "[latexmath]\n++++\n\\begin",
        ("adoc", "html"): "++++\n<math",
    }
    for (suffix, form), begin in shown.items():
        path = tmp_path / f"page.{suffix}"
        path.write_text(marks[suffix].format(f'dzviz explain "sin(x)" --x 1 -T {form}'))
        assert dzviz("embed", path.name).code == 0
        assert begin in path.read_text(encoding="utf-8"), (suffix, form)
        assert dzviz("embed", "--check", path.name).code == 0
    path.write_text(marks["adoc"].format('dzviz explain "sin(x)" --x 1 -T markdown'))
    refused = dzviz("embed", path.name)
    assert refused.code == 2
    assert "a document of this kind cannot contain markdown" in refused.err


def test_a_variable_that_is_not_there(dzviz):
    result = dzviz("explain", "x*w", "--x", "1", "--w", "2", "--wrt", "q")
    assert result.code == 2
    assert result.err == "dzviz: error: there is no variable 'q'\nhint: the variables are w, x\n"
    result = dzviz("explain", "x*rate", "--x", "1", "--rate", "2", "--wrt", "rat")
    assert "hint: did you mean rate?" in result.err


def test_numbers_that_are_out_of_range(dzviz):
    result = dzviz("explain", "x", "--x", "1", "--order", "0")
    assert result.err == (
        "dzviz: error: --order takes a whole number, 1 or more, not 0\nhint: as in: --order 1\n"
    )
    result = dzviz("gradcheck", "x", "--x", "1", "--rtol", "small")
    assert result.err == (
        "dzviz: error: --rtol takes a number, 0 or more, not 'small'\nhint: as in: --rtol 0.0001\n"
    )
