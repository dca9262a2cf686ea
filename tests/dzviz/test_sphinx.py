"""The directive in real builds of Sphinx: HTML, LaTeX, text, and what goes wrong."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from support.hostile import TEXTS, alike
from support.howto import blocks

import dzviz
from dzviz.svg.fonts import lacking

pytestmark = pytest.mark.thorough

STRICT = ["-W", "--keep-going"]  # Before 8.1 the first warning would end it as an error.
TYPES = ["-D", "show_warning_types=1"]  # Before 8.0 they were not shown.
CONF = 'extensions = ["myst_parser", "dzviz.sphinx"]\nproject = "Try"\n'
PAGE = """\
Try
===

.. dzviz:: sum(W @ x)
   :x: @data/x.npy
   :W: [[1, 2], [3, 4]]
   :alt: "><script>ran.push(1)</script>
   :name: product
   :class: wide
   :width: 50%
   :align: center

.. dzviz:: w * W
   :set: w=2; W=3
   :theme: auto
   :animate:

.. dzviz:: -x**2
   :x: -1e-1
   :order: 1
   :title: <b>"& \\\\ $%

.. dzviz::
   :py-function: model.py:loss
   :X: 2

See :ref:`product <product>`.

.. toctree::

   howto
   myst
   sub/deep
"""
DEEP = """\
Deep
====

.. dzviz:: x * 2
   :x: @../data/x.npy
"""
BAD = {
    "2 * sinn(x)\n   :x: 1": "unknown function 'sinn' (column 5)",
    "sin(x)": "hint: add :x: VALUE",
    "x\n   :x: 1\n   :sytle: book": "no such option :sytle:",
    "x\n   :x: 1\n   :style: bokk": "style is one of",
    "x\n   :x: 1\n   :T: html": "did you mean :format:?",
    "x\n   :x: 1\n   :theme: light,dark": "single theme",
    "x\n   :x: 1\n   :output: x.svg": ":output: does not work in a page",
    "x\n   :x: 1\n   :format: dot": ":format: dot does not work in a page",
    "x\n   :x: 1\n   :width: 1px;position:fixed": "is not a width",
    "x\n   :x: 1\n\n   x**2": "given twice",
    "x\n   :x: @/etc/passwd": "leads out of the documents' folder",
    "x\n   :x: @out.npy": "leads out of the documents' folder",
    "x\n   :x: @key.csv": "cannot use '@key.csv': there is no such file",
    "x\n   :x: @out.npz:a": "leads out of the documents' folder",
    "x\n   :set: x=@../out.npy": "leads out of the documents' folder",
    "x\n   :x: @away/out.npy": "leads out of the documents' folder",
    "\n   :graph: ../out.json": "leads out of the documents' folder",
    "\n   :graph: away/out.json": "leads out of the documents' folder",
    "x\n   :x: 1\n   :max-nodes: 5000": ":max-nodes: is at most 3000 for a picture of a document",
    "x\n   :x: 1\n   :order: 21": ":order: is at most 20 for a picture of a document",
    "\n   :file: /etc/passwd": ":file: does not work in documents",
    "x\n   :x: 1\n   :font: /etc/passwd": ":font: does not work in documents",
    "<script>ran.push(1)</script>": "there is nothing before '<'",
    "\n   :py-function: model.py:loss\n   :x: 1": "it: dzviz_allow_python = True",
}


class Build:
    """One build of a project by one builder."""

    def __init__(self, source: Path, builder: str, *options: str) -> None:
        self.out = source.parent / f"out-{builder}"
        command = [sys.executable, "-m", "sphinx", "-b", builder, "-d", source.parent / "doctrees"]
        done = subprocess.run(
            [*command, *options, source, self.out],
            env={**os.environ, "PYTHONPATH": str(Path(dzviz.__file__).parents[1])},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        self.code, self.printed, self.log = done.returncode, done.stdout, done.stderr

    def read(self, name: str) -> str:
        return (self.out / name).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    source = tmp_path_factory.mktemp("sphinx") / "source"
    for folder in ("data", "sub"):
        (source / folder).mkdir(parents=True)
    (source / "conf.py").write_text(f"{CONF}dzviz_allow_python = True\n")
    (source / "dzviz.toml").write_text('rank-dir = "TB"\n')
    (source / "index.rst").write_text(PAGE)
    (source / "sub/deep.rst").write_text(DEEP)
    (source / "howto.rst").write_text("\n".join(["Guide\n=====\n", *blocks("sphinx", "rst")]))
    (source / "myst.md").write_text("\n".join(["# MyST\n", *blocks("sphinx", "markdown")]))
    (source / "model.py").write_text("def loss(X, y=3.0):\n    return X * y\n")
    np.save(source / "data/x.npy", np.array([5.0, 6.0]))
    return source


@pytest.fixture(scope="session")
def html(project):
    build = Build(project, "html", "-W", "-j", "2")
    assert (build.code, build.log) == (0, "")
    return build


@pytest.fixture(scope="session")
def latex(project, html):
    build = Build(project, "latex", "-W")
    assert (build.code, build.log) == (0, "")
    return build


@pytest.fixture(scope="session")
def bad(tmp_path_factory):
    source = tmp_path_factory.mktemp("bad") / "source"
    source.mkdir()
    (source / "conf.py").write_text(CONF)
    (source / "model.py").write_text('open("hacked", "w")\ndef loss(x):\n    return x\n')
    np.save(source.parent / "out.npy", np.zeros(2))
    np.savez(source.parent / "out.npz", a=np.zeros(2))
    for name in ("out.npy", "out.npz"):
        (source / name).symlink_to(source.parent / name)
    (source / "key.csv").symlink_to("out.npz:a")
    (source.parent / "outside").mkdir()
    np.save(source.parent / "outside/out.npy", np.zeros(2))
    (source / "away").symlink_to("../outside")
    parts = [f".. dzviz:: {text}".replace(":: \n", "::\n") for text in BAD]
    (source / "index.rst").write_text("Bad\n===\n\n" + "\n\n".join(parts) + "\n")
    return Build(source, "html", *STRICT)


class Ids(HTMLParser):
    """The ids of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.ids += [value for name, value in attrs if name == "id"]


def test_html_has_the_pictures_themselves(html):
    page = html.read("index.html")
    assert page.count("<svg ") == 4
    ids = Ids(page).ids
    assert "product" in ids
    assert len(ids) == len(set(ids))
    assert '<div class="wide dzviz align-center" id="product">' in page
    assert 'aria-label="&quot;&gt;&lt;script&gt;ran.push(1)&lt;/script&gt;"' in page
    assert "<script>ran" not in page
    assert "width:50%;max-width:100%" in page


def test_the_picture_is_that_of_the_command_line(html, project):
    command = [sys.executable, "-m", "dzviz", "x * 2", "--x", "@data/x.npy", "--rank-dir", "TB"]
    done = subprocess.run(
        [*command, "-T", "svg"], cwd=project, capture_output=True, text=True, check=True
    )
    page = html.read("sub/deep.html")
    svg = page[page.index("<svg ") : page.index("</svg>") + len("</svg>\n")]
    assert svg.replace('style="max-width:100%;height:auto" ', "") == done.stdout


def test_the_guide_is_built_with_its_figure_and_in_myst(html):
    page = html.read("howto.html")
    assert page.count("<svg ") == 2
    assert page.count('<iframe srcdoc="&lt;!DOCTYPE html&gt;') == 1
    text = "".join(re.sub("<[^>]+>", "", html) for html in page.split("<pre>")[1:])
    assert "sin -&gt; x    0    1 * 0.5403 = 0.5403" in text
    assert "out\tx\t12.0\n" in text
    assert re.search(r'<figure class="align-default"[^>]*>\s*<div class="dzviz">', page)
    assert "The sine and its derivative" in page
    assert html.read("myst.html").count("<svg ") == 1


def test_latex_has_a_pdf_a_picture(latex):
    text = latex.read("try.tex")
    names = re.findall(r"\\sphinxincludegraphics(?:\[.*?\])?\{\{(.*?)\}\.pdf\}", text)
    assert len(names) == 9
    assert r"width=0.500\linewidth" in text
    assert "The sine and its derivative" in text
    for name in names:
        assert (latex.out / f"{name}.pdf").read_bytes().startswith(b"%PDF")
    assert "ran.push" not in text


def test_without_the_extra_latex_has_a_png_and_a_warning(project, html, tmp_path):
    (tmp_path / "svglib.py").write_text("raise ImportError('not here')\n")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from sphinx.__main__ import main"
    out = tmp_path / "out"
    done = subprocess.run(
        [
            *[
                sys.executable,
                "-c",
                f"{code}; sys.exit(main(sys.argv[1:]))",
                "-b",
                "latex",
                *STRICT,
            ],
            *["-d", project.parent / "doctrees", "-D", "suppress_warnings=", *TYPES, project, out],
        ],
        env={**os.environ, "PYTHONPATH": str(Path(dzviz.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "index.rst:4: WARNING: PDF needs svglib" in done.stderr
    assert "[dzviz.pdf]" in done.stderr
    assert done.returncode == 1
    assert len(list(out.glob("dzviz-*.png"))) == 9


@pytest.mark.parametrize(("builder", "file"), [("text", "sub/deep.txt"), ("man", "try.1")])
def test_other_builders_have_the_table(project, html, builder, file):
    build = Build(project, builder, "-W")
    assert (build.code, build.log) == (0, "")
    assert "y     x * 2" in build.read(file)
    assert "svg" not in build.read(file)


def test_a_derivation_is_mathml_amsmath_or_text(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "conf.py").write_text('extensions = ["dzviz.sphinx"]\n')
    head = "Try\n===\n\n.. dzviz-explain:: a = x**2; a*sin(a)\n   :x: 3\n"
    (source / "index.rst").write_text(f"{head}   :detail: steps\n")
    found = {
        ("html", "index.html"): ['<math display="block">', "<mn>46.73</mn>"],
        ("latex", "*.tex"): ["\\begin{alignat*}{3}", "= -46.73"],
        ("text", "index.txt"): ["dy/dx = dy/da * 2*x            = -7.788 * 6     = -46.73"],
    }
    for (builder, file), parts in found.items():
        build = Build(source, builder, "-W")
        assert (build.code, build.log) == (0, "")
        (path,) = build.out.glob(file) if "*" in file else [build.out / file]
        text = path.read_text(encoding="utf-8")
        assert [part for part in parts if part not in text] == [], builder
    (source / "index.rst").write_text(head.replace("sin(a)", "sinn(a)"))
    wrong = Build(source, "html", *TYPES)
    assert "index.rst:4: WARNING: unknown function 'sinn'" in wrong.log


def test_what_a_picture_reads_makes_its_page_out_of_date(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    config = 'extensions = ["dzviz.sphinx"]\ndzviz_config = "../looks.toml"\n'
    (source / "conf.py").write_text(config)
    (tmp_path / "looks.toml").write_text("precision = 4\n")
    (source / "other.rst").write_text(":orphan:\n\nOther\n=====\n")
    (source / "index.rst").write_text("Try\n===\n\n.. dzviz:: x*2\n   :x: @x.npy\n")
    np.save(source / "x.npy", np.array([5.12345, 6.0]))
    assert "[5.123, 6]" in Build(source, "html", "-W").read("index.html")
    np.save(source / "x.npy", np.array([7.12345, 8.0]))
    again = Build(source, "html", "-W")
    assert "0 added, 1 changed, 0 removed" in again.printed
    assert "[7.123, 8]" in again.read("index.html")
    (tmp_path / "looks.toml").write_text("precision = 3\n")
    again = Build(source, "html", "-W")
    assert "dzviz_display" in again.printed
    assert "[7.12, 8]" in again.read("index.html")


def test_errors_have_their_line_and_a_box(bad):
    assert bad.code == 1
    assert "Traceback" not in bad.log
    page = bad.read("index.html")
    assert "<svg " not in page
    assert "<script>ran" not in page
    assert page.count('<div class="admonition error">') == len(BAD)
    line = 4
    for text, words in BAD.items():
        report = re.search(rf"index\.rst:{line}: WARNING: (.*\n(?:(?! */|/).*\n)*)", bad.log)
        assert report, line
        assert words in report[1]
        line += len(text.splitlines()) + 1
    assert not (bad.out.parent / "source/hacked").exists()
    assert not Path("hacked").exists()


def test_an_error_that_nobody_foresaw_has_its_line(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "conf.py").write_text(f"{CONF}dzviz_allow_python = True\n")
    mute = "class Mute:\n    __str__ = None\n\n"
    (source / "odd.py").write_text(f"{mute}def f(x):\n    x.name = Mute()\n    return x * 2\n")
    page = "Try\n===\n\n.. dzviz::\n   :py-function: odd.py:f\n   :x: 1\n"
    (source / "index.rst").write_text(page)
    build = Build(source, "html", "-W", "--keep-going")
    assert build.code == 1
    assert "index.rst:4: WARNING: drawing odd.py:f raised TypeError: " in build.log
    assert '<div class="admonition error">' in build.read("index.html")


def test_a_book_for_readers_has_files(project, html):
    build = Build(project, "epub", "-W", "-D", "version=1", "-D", "copyright=Try")
    assert (build.code, build.log) == (0, "")
    page = build.read("index.xhtml")
    assert "<svg" not in page
    files = re.findall(r'<img [^>]*src="_images/(dzviz-\w+\.svg)"', page)
    assert len(files) == 4
    for name in files:
        assert build.read(f"_images/{name}").startswith("<svg ")
        assert f'href="_images/{name}"' in build.read("content.opf")


def test_a_wrong_file_of_display_options_is_told(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "conf.py").write_text(f'{CONF}dzviz_config = "../looks.toml"\n')
    (source / "index.rst").write_text("Try\n===\n")
    (tmp_path / "looks.toml").write_text("colour = 1\n")
    build = Build(source, "html", *STRICT)
    assert build.code == 1
    assert re.search(r"WARNING: 'colour' in '.*looks\.toml' is not a display", build.log)
    assert "Traceback" not in build.log


@pytest.mark.needs("chromium")
def test_the_page_in_a_browser(browser, html):
    from support.pages import visited

    file = html.out / "index.html"
    with visited(browser, file, color_scheme="dark") as (page, _, complaints):
        fill = "e => getComputedStyle(e.querySelector('rect')).fill"
        assert page.query_selector("svg.dzviz-auto").evaluate(fill) == "rgb(255, 255, 255)"
        page.evaluate("document.body.dataset.theme = 'dark'")  # as the switch of a theme does
        fills = "e => [...e.querySelectorAll('rect')].map(r => getComputedStyle(r).fill)"
        light, auto = page.query_selector("svg"), page.query_selector("svg.dzviz-auto")
        assert "rgb(255, 255, 255)" in light.evaluate(fills)
        assert "rgb(255, 255, 255)" not in auto.evaluate(fills)
        width = "e => e.getBoundingClientRect().width / e.parentNode.getBoundingClientRect().width"
        assert light.evaluate(width) == pytest.approx(0.5)
        assert page.evaluate("window.ran") == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert [text for text in complaints if "ERR_FILE_NOT_FOUND" not in text] == []


class Tags(HTMLParser):
    """The elements of a page with the names of their attributes, and all addresses."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[tuple[str, ...]] = set()
        self.addresses: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.add((tag, *(name for name, _ in attrs)))
        self.addresses |= {value for name, value in attrs if name in ("href", "src")}


def test_hostile_text_changes_no_page(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    # What a line of a document can hold, and Open Sans can set for LaTeX.
    texts = [t for t in TEXTS if t.isprintable() and t.strip() and len(t) < 99 and not lacking(t)]
    pages = {"plain": list(map(alike, texts)), "hostile": texts}
    for name, written in pages.items():
        parts = [f"{name.title()}\n=======\n"]
        for at in range(0, len(written), 40):
            line = " ".join(written[at : at + 40]).strip()
            parts.append(f".. dzviz:: x\n   :x: 1\n   :alt: x {line}\n   :title: x {line}\n")
        (source / f"{name}.rst").write_text("\n".join(parts))
    (source / "index.rst").write_text("Try\n===\n\n.. toctree::\n\n   plain\n   hostile\n")
    (source / "conf.py").write_text(f"{CONF}html_theme = 'basic'\nsmartquotes = False\n")
    build = Build(source, "html", "-W")
    assert (build.code, build.log) == (0, "")
    plain, hostile = (Tags(build.read(f"{name}.html")) for name in pages)
    assert hostile.found == plain.found
    assert not any("://" in address for address in hostile.addresses - plain.addresses)
    build = Build(source, "latex", "-W")
    assert (build.code, build.log) == (0, "")
    plain, hostile = build.read("try.tex").split(r"\chapter{Hostile}")
    said = re.findall(r"\\\w+", hostile.partition(r"\renewcommand")[0])
    assert said.count(r"\sphinxincludegraphics") >= 2
    assert said == re.findall(r"\\\w+", plain.partition(r"\chapter{Plain}")[2])[: len(said)]
    assert "alert" not in hostile
