"""TikZ: what the SVG draws, one command a shape; compiled by Debian's TeX and laid beside it."""

import re
import subprocess
from xml.etree import ElementTree as Tree

import pypdf
import pytest
from support.graphs import graph_of, named

from dzviz.errors import LayoutError
from dzviz.formats import FORMATS
from dzviz.options import Layout, Look
from dzviz.text.tex import beyond_latin, line, math_name, words

SVG = "{http://www.w3.org/2000/svg}"
TEXTS = {
    "paths": ("a = x**2; a*sin(a)", {"x": 3}),
    "matrix": (
        "h_1 = tanh(x@W_in); p = softmax(h_1); loss = -log(p[0])",
        {"x": [1, 2], "W_in": [[1, -2, 0.3], [3, 4, 0.1]]},
    ),
    "small": ("theta**2*1e-7", {"theta": 1.5}),
    "bad": ("log(x)*y", {"x": -1, "y": 2}),
}
STYLES = ("boxes", "merged", "book", "refs")


def tikz(graph, **look):
    return "".join(FORMATS["tikz"].write(graph, Look(**look), Layout()))


def drawn(text, values):
    return graph_of(text, **values)


def test_each_shape_of_the_svg_is_one_command():
    for style in STYLES:
        for name, (text, values) in TEXTS.items():
            graph = drawn(text, values)
            svg = "".join(FORMATS["svg"].write(graph, Look(style=style), Layout()))
            kinds = [e.tag.removeprefix(SVG) for e in Tree.fromstring(svg).iter()]
            made = tikz(graph, style=style)
            shapes = sum(kind in ("rect", "ellipse", "polygon", "path") for kind in kinds)
            assert made.count("\n\\path[") == shapes, (style, name)  # one ground less, one box more
            assert made.count("\n\\node[") == kinds.count("text"), (style, name)
            used = set(re.findall(r"(?:fill|draw|text)=(dzviz-[\w-]+)", made))
            assert used == set(re.findall(r"\\providecolor\{([\w-]+)\}", made)), (style, name)
            assert "#" not in re.sub(r"\\#|#1", "", made)


def test_names_and_numbers_are_math_and_all_else_words():
    expected = {
        ("x", True): "$x$",
        ("loss", True): r"$\mathit{loss}$",
        ("w12", True): "$w_{12}$",
        ("h_1", True): "$h_{1}$",
        ("W_in", True): r"$W_{\mathrm{in}}$",
        ("theta", True): r"$\theta$",
        ("\u03b8", True): r"$\theta$",
        ("y\u2032\u2032", True): "$y''$",
        ("params['w']", False): r"params{[}{'}w{'}{]}",
        ("__init__", True): r"\_\_init\_\_",
        ("gr\u00f6\u00dfe", True): "gr\u00f6\u00dfe",
    }
    for (text, is_name), written in expected.items():
        assert line(text, {text.rstrip("\u2032")} if is_name else ()) == written, text
        if is_name:
            assert math_name(text) == written, text
    assert line("data \u22126.5e\u22127, 3") == r"data $-6.5{\cdot}10^{-7}${,} $3$"
    assert line("grad = dy/d(node)", {"y"}) == r"grad = $\mathrm{d}y$/d(node)"
    assert line("[~0, 3]") == r"{[}$\sim0${,} $3${]}"
    assert line("float64") == "float64"
    assert words("\\input{a} 50% $&#_^~") == (
        r"\textbackslash{}input\{a\} 50\% \$\&\#\_\textasciicircum{}\textasciitilde{}"
    )


def test_what_pdflatex_cannot_set_is_said():
    assert beyond_latin("sin(x) \u2212 \u03b8 gr\u00f6\u00dfe \u0142 \u00d7") == ""
    assert beyond_latin("\u91cd\u307f \u0105 \u0438") == "\u91cd\u307f\u0105\u0438"
    graph = named("\u91cd\u307f")
    assert FORMATS["tikz"].note(graph) == (
        "pdfLaTeX cannot set \u91cd\u307f: LuaLaTeX can, in a font that has it",
    )
    assert "% For LuaLaTeX, in a font" in tikz(graph)
    assert "fontspec" in tikz(graph, standalone=True)
    plain = drawn("sin(x)", {"x": 1})
    assert FORMATS["tikz"].note(plain) == ()
    assert "For pdfLaTeX or LuaLaTeX." in tikz(plain)
    assert "fontspec" not in tikz(plain, standalone=True)


def compiled(engine, source, folder, *, name="document"):
    """Compile a document; return its PDF and what TeX said."""
    (folder / f"{name}.tex").write_text(source)
    command = [engine, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"]
    result = subprocess.run(
        [*command, f"{name}.tex"], cwd=folder, capture_output=True, timeout=300, check=False
    )
    said = result.stdout.decode(errors="replace")
    assert result.returncode == 0, said[-2000:]
    return pypdf.PdfReader(folder / f"{name}.pdf"), said


DOCUMENT = r"""\documentclass[12pt]{article}
\usepackage{tikz}
\definecolor{dzviz-variable-fill}{HTML}{00FF00}
\pagestyle{empty}
\hsize=200cm \vsize=200cm \textwidth=200cm \textheight=200cm
\begin{document}
%s
\end{document}
"""


@pytest.mark.thorough
@pytest.mark.needs("pdflatex")
def test_every_style_goes_into_a_document_in_its_font_and_size(tmp_path):
    parts = []
    for style in STYLES:
        for name, (text, values) in TEXTS.items():
            (tmp_path / f"{style}-{name}.tex").write_text(tikz(drawn(text, values), style=style))
            parts.append(
                rf"\noindent\setbox0=\hbox{{\input{{{style}-{name}}}}}"
                rf"\immediate\write16{{WIDE {style}-{name} \the\wd0}}\copy0\newpage"
            )
    reader, said = compiled("pdflatex", DOCUMENT % "\n".join(parts), tmp_path)
    assert len(reader.pages) == len(parts)
    widths = dict(re.findall(r"WIDE (\S+) ([\d.]+)pt", said))
    for style in STYLES:
        for name, (text, values) in TEXTS.items():
            svg = "".join(FORMATS["svg"].write(drawn(text, values), Look(style=style), Layout()))
            wide = float(re.search(r'viewBox="\S+ \S+ (\S+)', svg)[1])
            # Of a document of 12 points a unit is 12/11 of a point.
            assert float(widths[f"{style}-{name}"]) == pytest.approx(wide * 12 / 11, abs=0.5)
    fonts = {
        str(font.get_object()["/BaseFont"]).rpartition("+")[2]
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert all(font.startswith(("CM", "SFRM", "SFBX", "/T")) for font in fonts), fonts
    green = [b"0 1 0 rg" in page.get_contents().get_data() for page in reader.pages]
    assert any(green)


def places(page):
    """Return where the words of a page stand, from its top."""
    found, high = {}, float(page.mediabox.height)

    def visit(text, _, matrix, *rest):
        if word := text.strip():
            found.setdefault(word, []).append((float(matrix[4]), high - float(matrix[5])))

    page.extract_text(visitor_text=visit)
    return found


@pytest.mark.thorough
@pytest.mark.needs("pdflatex")
def test_a_page_of_its_own_lies_on_the_svg(tmp_path):
    graph = drawn("tanh(x) + exp(y)", {"x": 0.5, "y": 0.25})
    reader, _ = compiled("pdflatex", tikz(graph, standalone=True), tmp_path)
    (page,) = reader.pages
    svg = Tree.fromstring("".join(FORMATS["svg"].write(graph, Look(), Layout())))
    left, top, width, height = map(float, svg.attrib["viewBox"].split())
    unit = 10 / 11 * 72 / 72.27  # of a document of 10 points, in those of PDF
    assert float(page.mediabox.width) == pytest.approx(width * unit, abs=0.5)
    assert float(page.mediabox.height) == pytest.approx(height * unit, abs=0.5)
    found = places(page)
    tried = 0
    for element in svg.iter(f"{SVG}text"):
        if element.text in ("tanh", "exp"):
            ((x, y),) = found[element.text]
            middle = (float(element.get("x")) - left) * unit
            assert y == pytest.approx((float(element.get("y")) - top) * unit, abs=1.0)
            assert middle - 20 < x < middle, element.text  # it begins left of its middle
            tried += 1
    assert tried == 2


@pytest.mark.thorough
@pytest.mark.needs("lualatex")
def test_hostile_names_stay_words(tmp_path):
    from support.graphs import crowd
    from support.hostile import TEXTS as HOSTILE

    parts = []
    for start in range(0, len(HOSTILE), 20):
        (tmp_path / f"part{start}.tex").write_text(
            tikz(crowd(HOSTILE[start : start + 10]), style="merged")
        )
        parts.append(rf"\noindent\input{{part{start}}}\newpage")
    with pytest.raises(LayoutError, match="TeX has no lengths over"):
        tikz(crowd(HOSTILE[:120]))
    compiled("lualatex", DOCUMENT % "\n".join(parts), tmp_path)
    reader, _ = compiled(
        "lualatex", tikz(named(r"\input{/etc/passwd} 50% $x$ ^^M"), standalone=True), tmp_path
    )
    text = reader.pages[0].extract_text().replace(" ", "")
    assert r"\input{/etc/passwd}50%$x$^^M" in text
