"""``dzviz draw --sweep``: what each format is of a sweep, and what is refused."""

import io
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

import dzviz as package
from dzviz.errors import UsageError

EXAMPLE = ("a = x**2; a*sin(a)", "--sweep", "x=-3:3:7")


def test_each_format_is_written(dzviz, tmp_path):
    wanted = {
        "drag.html": b"<!DOCTYPE html>",
        "curve.svg": b"<svg",
        "curve.png": b"\x89PNG",
        "curve.pdf": b"%PDF",
        "film.gif": b"GIF89a",
    }
    for name, begin in wanted.items():
        assert dzviz(*EXAMPLE, "-o", name) == (0, "", "")
        assert (tmp_path / name).read_bytes().startswith(begin), name
    film = Image.open(io.BytesIO((tmp_path / "film.gif").read_bytes()))
    assert film.n_frames == 7
    assert film.info["duration"] == 1430  # ten seconds, of which the last value has three parts
    code, out, err = dzviz(*EXAMPLE, "--animate")
    assert (code, err) == (0, "")
    tree = ElementTree.fromstring(out)
    assert "Curves of y and dy/dx" in tree.find("{http://www.w3.org/2000/svg}desc").text
    assert out.count("Value ") == 7
    assert dzviz(*EXAMPLE, "--frames", "steps.pdf") == (0, "", "")
    assert len(PdfReader(tmp_path / "steps.pdf").pages) == 7
    assert dzviz(*EXAMPLE, "--frames", "folder") == (0, "", "")
    files = sorted(path.name for path in (tmp_path / "folder").iterdir())
    assert files == [f"value-{i}.svg" for i in range(1, 8)]
    assert "x = \u22123: y = 3.709" in (tmp_path / "folder" / "value-1.svg").read_text()


def test_what_a_sweep_is_not_is_said(dzviz, tmp_path):
    wrong = {
        (*EXAMPLE,): "a sweep is drawn as a page, a film or a plot, not as dot",
        (*EXAMPLE, "-T", "json"): "not as json",
        (*EXAMPLE, "-o", "a.mmd"): "not as mermaid",
        (*EXAMPLE, "--x", "3", "-o", "a.html"): "x has both a value and a sweep",
        (*EXAMPLE, "--fit", "slide", "-o", "a.html"): "--fit does not work with sweeps",
        ("x*w", "--sweep", "x=1:2:3", "-o", "a.html"): "no value for 'w'",
        ("x*W", "--W", "[1]", "--sweep", "W[3]=1:2:3", "-o", "a.html"): "there is no W[3]",
        ("grad", "x*W", "--W", "[1]", "--x", "1", "--sweep", "W[0,0]=1:2:3"): "has shape (1,)",
    }
    for command, message in wrong.items():
        code, out, err = dzviz(*command)
        assert (code, out) == (2, ""), command
        assert message in err
        assert "Traceback" not in err
        assert list(tmp_path.iterdir()) == []
    (tmp_path / "v.csv").write_text("1\n2\n")
    code, _, err = dzviz("x", "--sweep", "x=@v.csv", "-T", "html", "-o", "v.csv")
    assert code == 2
    assert "the same command reads and writes 'v.csv'" in err
    assert (
        dzviz("grad", "x*2", "--sweep", "x=@v.csv")[1]
        == "x\ty\tgrad x\n1.0\t2.0\t2.0\n2.0\t4.0\t2.0\n"
    )
    for command in (["trace"], ["why"], ["lint"]):
        code, _, err = dzviz(*command, "x", "--sweep", "x=1:2:3")
        assert code == 2
        assert "--sweep" in err


def test_a_document_shows_a_plot_and_a_film(dzviz, tmp_path):
    (tmp_path / "notes.md").write_text(
        '<!-- dzviz "relu(x)" --sweep x=-3:3:7 -o curve.svg -->\n<!-- /dzviz -->\n\n'
        '<!-- dzviz "x**2" --sweep x=-3:3:5 --animate -o film.svg -->\n<!-- /dzviz -->\n'
    )
    code, _, err = dzviz("embed", "notes.md")
    assert (code, err) == (0, "dzviz: notes.md is written (lines 1, 4)\n")
    text = (tmp_path / "notes.md").read_text()
    assert "![Curves of y and dy/dx over x, 7 values from -3 to 3. dy/dx is 0 from x = -3" in text
    assert "(film.svg)" in text
    assert "Value 5 of 5" in (tmp_path / "film.svg").read_text()
    assert dzviz("embed", "--check", "notes.md")[0] == 0
    (tmp_path / "v.csv").write_text("1\n2\n")
    (tmp_path / "bad.md").write_text(
        '<!-- dzviz "x" --sweep x=@v.csv -o a.svg -->\n<!-- /dzviz -->\n'
    )
    code, _, err = dzviz("embed", "bad.md")
    assert code == 2
    assert "--sweep cannot read a file in a document" in err


def test_options_that_change_nothing_in_a_plot_are_told(dzviz):
    code, _, err = dzviz(*EXAMPLE, "-o", "curve.svg", "--theme", "dark", "--style", "book")
    assert code == 0
    assert err == "dzviz: --style changes nothing in the plot of a sweep (svg)\n"
    assert dzviz(*EXAMPLE, "-o", "drag.html", "--style", "book", "--precision", "3") == (0, "", "")


def test_a_derivative_is_swept_too(dzviz):
    """The gradient of y' = 3 x**2 is 6 x."""
    code, out, _ = dzviz("x**3", "--order", "1", "--sweep", "x=-1:1:5", "-T", "alt")
    assert code == 0
    assert out.startswith("Curves of y' and y'' over x, 5 values from -1 to 1.")


def test_a_sweep_from_python():
    def f(x, w):
        return np.sin(x * w)

    swept = package.sweep(f, {"x": "-1:1:5"}, {"w": 2})
    assert [row.at for row in swept.rows] == [(-1.0,), (-0.5,), (0.0,), (0.5,), (1.0,)]
    for row in swept.rows:
        (x,) = row.at
        assert row.outputs["y"] == pytest.approx(np.sin(2 * x))
        assert row.gradients["x"] == pytest.approx(2 * np.cos(2 * x))
        assert row.gradients["w"] == pytest.approx(x * np.cos(2 * x))
    assert repr(swept) == "Curves of y and dy/dx over x, 5 values from -1 to 1."
    assert "y = f(x, w)" in swept.html
    shown = swept._repr_mimebundle_()
    assert shown["text/html"].startswith("<iframe srcdoc=")
    frame = shown["text/html"].partition("</iframe>")[0]
    assert "<script" not in frame  # it stands in an attribute
    with pytest.warns(package.DzvizWarning, match="at x = -1: first NaN: log"):
        assert "y is NaN" in repr(package.sweep("log(x)*sqrt(x)", {"x": [-1, 0, 1e300]}))
    formula = package.sweep("relu(x)*sum(W)", {"W[1]": [1, 2, 4]}, {"x": 3, "W": [1, 1]})
    assert [float(row.outputs["y"]) for row in formula.rows] == [6.0, 9.0, 15.0]
    assert formula.render("svg").startswith(b"<svg")
    for over, values, look in (
        ({"v": "1:2:3"}, {}, {}),
        ({"x": [2, 1, 3]}, {}, {}),
        ({}, {}, {}),
        ({"x": "1:2:3"}, {"x": 1}, {}),
        ({"x": "1:2:3"}, {}, {"colour": "red"}),
    ):
        with pytest.raises(UsageError):
            package.sweep("x**2", over, values, **look)
