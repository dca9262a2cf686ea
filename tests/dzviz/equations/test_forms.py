"""Derivations in TeX, MathML and Markdown: pdflatex sets them, Chromium draws them."""

import re
import subprocess
from itertools import pairwise

import numpy as np
import pytest
from support.derivations import ALL
from support.equations import derived
from support.hostile import TEXTS
from support.tools import find_tool

import dzviz
from dezero import Variable
from dzviz.equations.writers import DETAILS, FORMS
from dzviz.options import Look


def written(derivation, form, detail="steps"):
    return "".join(FORMS[form].write(derivation, Look(), detail))


def hostile():
    """Derivations whose variables have hostile names."""
    for text in TEXTS:
        x = Variable(np.array([1.0, 2.0]), text)
        yield dzviz.explain(np.sum(np.sin(x) * x))


@pytest.mark.needs("pdflatex")
@pytest.mark.thorough
def test_pdflatex_sets_all_derivations(tmp_path):
    parts = [
        written(derived(text, **values), "tex", detail)
        for text, values in ALL
        for detail in DETAILS
    ]
    parts += [made.tex for made in hostile() if made.tex.isascii()]
    assert len(parts) > 45
    (tmp_path / "all.tex").write_text(
        "\\documentclass{article}\n\\usepackage{amsmath}\n\\begin{document}\n"
        + "\\newpage\n".join(parts)
        + "\\end{document}\n"
    )
    command = [find_tool("pdflatex"), "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "all.pdf").stat().st_size > 10_000


def test_tex_has_balanced_braces_and_letters_behind_backslashes():
    for text, values in ALL:
        tex = written(derived(text, **values), "tex")
        assert tex.startswith("\\begin{alignat*}{3}\n")
        assert tex.count("{") == tex.count("}"), text
        inside = tex.replace(" \\\\\n", "\n")
        assert re.findall(r"\\[^A-Za-z]", inside) == [], text


def test_markdown_is_a_list_of_formulas():
    made = written(derived("a = x**2; a*sin(a)", x=3), "markdown")
    assert made.splitlines()[-1] == (
        r"- $\displaystyle \frac{\partial y}{\partial x} = \frac{\partial y}{\partial a} \cdot 2 x"
        r" = -7.788 \cdot 6 = -46.73$"
    )
    for made in hostile():
        for line in made.markdown.splitlines():
            assert re.fullmatch(r"- \$.*\$", line), line
            assert not re.search(r"(?<!\\)(?:\\\\)*\\[^A-Za-z\s\\]", line), line


def test_transposes_and_products_are_those_of_matrices():
    tex = written(derived("sum(tanh(x @ W))", x=[[1, 2]], W=[[1], [2]]), "tex", "rules")
    assert r"\frac{\partial y}{\partial W} & = x^{\top}" in tex
    assert r"\odot" not in tex.splitlines()[1]


@pytest.mark.needs("chromium")
def test_a_browser_draws_mathml_without_a_script(browser, tmp_path):
    from support.pages import shown

    text, values = ALL[4]
    path = tmp_path / "derivation.html"
    path.write_text(written(derived(text, **values), "html"), encoding="utf-8")
    with shown(browser, path, java_script_enabled=True) as page:
        assert page.evaluate("document.scripts.length") == 0
        box = "(e) => e.getBoundingClientRect().height"
        letter = page.locator("mi").first.evaluate(box)
        assert page.locator("mfrac").first.evaluate(box) > 1.5 * letter > 0
        rows = page.evaluate(
            "[...document.querySelectorAll('math > mtable > mtr')].map((row) => {"
            " const box = row.getBoundingClientRect(); return [box.top, box.bottom]; })"
        )
        assert len(rows) >= 7
        assert all(above[1] <= below[0] + 1 for above, below in pairwise(rows))
        assert page.evaluate("getComputedStyle(document.querySelector('math')).display") == (
            "block math"
        )


def test_hostile_names_are_words_in_html():
    for made in hostile():
        assert "<script" not in made.html.partition("</title>")[2]
        tags = set(re.findall(r"<(\w+)", made._repr_mimebundle_()["text/html"]))
        assert tags <= {
            *("math", "mtable", "mtr", "mtd", "mrow", "mi", "mn", "mo", "mtext", "mfrac"),
            *("msup", "msub", "munder", "munderover", "msqrt", "mspace"),
        }


def test_words_are_no_greek_letters():
    for name, expected in {
        "final": "<mi>final</mi>",
        "omicron": "<mi>omicron</mi>",
        "theta": "<mi>\u03b8</mi>",
        "lambda_1": "<mi>\u03bb</mi>",
        "sigma": "<mi>\u03c3</mi>",
        "Omega": "<mi>\u03a9</mi>",
        "Alpha": "<mi>Alpha</mi>",
    }.items():
        assert expected in written(derived(f"{name}*2", **{name: 3.0}), "html"), name
