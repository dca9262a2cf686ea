"""Two graphs in one picture."""

import io
import re

from PIL import Image

from dzviz.svg import raster

SIGMOID, TANH = "sigmoid(x)", "tanh(x)"


def inner(svg):
    """What is drawn in a picture."""
    return re.sub(r"^.*?</desc>\n|</svg>\n$", "", svg, flags=re.DOTALL)


def test_both_are_drawn_as_they_are_alone(dzviz, tmp_path):
    for args in ([], ["--style", "book"], ["--theme", "dark", "--scale", "2"], ["--no-backward"]):
        result = dzviz("beside", SIGMOID, TANH, "--x", "0.5", *args)
        assert (result.code, result.err) == (0, ""), args
        both, last = result.out, -1
        assert "<title>sigmoid(x) | tanh(x)</title>" in both
        for formula in (SIGMOID, TANH):
            alone = dzviz(formula, "--x", "0.5", "-T", "svg", *args).out
            assert both.find(inner(alone)) > last, (formula, args)
            last = both.find(inner(alone))
            for side, size in zip(raster.size(alone), raster.size(both), strict=True):
                assert size >= side - 0.1
        for name in ("both.png", "both.pdf"):
            path = tmp_path / name
            assert dzviz("beside", SIGMOID, TANH, "--x", "0.5", "-o", str(path), *args).code == 0
        wide, high = Image.open(io.BytesIO((tmp_path / "both.png").read_bytes())).size
        assert wide / high - raster.size(both)[0] / raster.size(both)[1] < 0.02


def test_high_ones_stand_beside_each_other_and_long_ones_above(dzviz):
    def places(*args):
        out = dzviz("beside", "sin(sin(x))", "cos(y)", "--x", "1", "--y", "2", *args).out
        found = re.findall(r'<g transform="translate\(([-\d.]+),([-\d.]+)\)', out)
        return [tuple(map(float, each)) for each in found]

    (_, y1), (_, y2) = places()
    assert y2 > y1 + 50
    (x1, _), (x2, _) = places("--rank-dir", "TB")
    assert x2 > x1 + 50


def test_what_cannot_be_is_refused(dzviz, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for args, code, words in (
        ([SIGMOID], 2, "there is one operand"),
        ([SIGMOID, TANH, "-T", "dot"], 2, "dot does not draw two graphs side by side"),
        ([SIGMOID, TANH, "-o", "a.html"], 2, "html does not draw two graphs"),
        ([SIGMOID, "tanh(x"], 3, "tanh(x"),
        ([SIGMOID, "log(x, 3, 4)"], 3, "log"),
        ([SIGMOID, TANH, "--style", "refs", "--hide", "constant"], 2, "shows every object"),
        ([SIGMOID, TANH, "-o", "no/such.svg"], 6, "No such file"),
    ):
        result = dzviz("beside", *args, "--x", "1")
        assert (result.code, result.out, words in result.err) == (code, "", True), (args, result)
    assert list(tmp_path.iterdir()) == []
    result = dzviz("beside", "x", "1/x", "--x", "0", "-o", "a.svg")
    assert result.err == "dzviz: warning: B: first infinity: /\n"
    assert (
        dzviz(
            "beside", "x", "y", "--x", "0", "--y", "1", "-o", "t.svg", "--theme", "light,dark"
        ).code
        == 0
    )
    for theme, name in (("light", "t.svg"), ("dark", "t-dark.svg")):
        alone = dzviz("beside", "x", "y", "--x", "0", "--y", "1", "--theme", theme).out
        assert (tmp_path / name).read_text() == alone
    hint = dzviz(SIGMOID, TANH, "--x", "1").err
    assert "dzviz beside" in hint
