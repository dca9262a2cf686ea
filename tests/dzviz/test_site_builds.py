"""Pictures in real sites, books and notebooks, with the tools that others build them with."""

import io
import json
import subprocess
import sys
from base64 import b64decode
from pathlib import Path

import pytest
from PIL import Image

import dzviz
from dezero.functions import sin
from dzviz.cli import main as cli

pytestmark = pytest.mark.thorough

PAGE = """\
# Try

<!-- dzviz "sin(x)" --x 1.0 -o auto.svg --theme auto --background transparent -->
<!-- /dzviz -->

<!-- dzviz "cos(x)" --x 1.0 -o two.svg --theme light,dark --site {site} -->
<!-- /dzviz -->

```{fence}
"""
SPHINX = PAGE.format(
    site="sphinx",
    fence="""{dzviz} tanh(x)
:x: 1
:theme: auto
```

```{dzviz} x*x
:x: 3
:theme: auto
:format: html
```
""",
)
MKDOCS = PAGE.format(
    site="material",
    fence="""dzviz
"tanh(x)" --x 1 --theme auto
```

```dzviz
"x*x" --x 3 --theme auto -T html
```
""",
)
CONF = 'extensions = ["myst_parser", "dzviz.sphinx"]\nproject = "Try"\nhtml_theme = "{}"\n'
SETTINGS = """\
site_name: Try
theme:
  name: material
  font: false
  palette:
    - {scheme: default, toggle: {icon: material/weather-night, name: dark}}
    - {scheme: slate, toggle: {icon: material/weather-sunny, name: light}}
markdown_extensions:
  - pymdownx.superfences:
      custom_fences:
        - name: dzviz
          class: dzviz
          format: !!python/name:dzviz.mkdocs.fence
          validator: !!python/name:dzviz.mkdocs.validator
"""


def built(folder, site, monkeypatch):
    """Fill the page and build the site of this theme, strictly; return the page."""
    source = folder / "docs"
    source.mkdir(parents=True)
    page = source / ("guide.md" if site == "material" else "index.md")
    page.write_text(MKDOCS if site == "material" else SPHINX)
    settings = folder / "mkdocs.yml" if site == "material" else source / "conf.py"
    settings.write_text(SETTINGS if site == "material" else CONF.format(site))
    monkeypatch.chdir(folder)
    assert cli.run(["embed", str(page.relative_to(folder))]) == 0
    assert cli.run(["embed", "--check", str(page.relative_to(folder))]) == 0
    commands = {"material": ["mkdocs", "build", "--strict", "--quiet", "--site-dir", "out"]}
    sphinx = ["sphinx", "-W", "--keep-going", "-q", "docs", "out"]
    command = [sys.executable, "-m", *commands.get(site, sphinx)]
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=100)
    return folder / "out" / ("guide/index.html" if site == "material" else "index.html")


def switch(page, mode):
    """Turn the site's own switch until it says so."""
    scheme = "getComputedStyle(document.body).backgroundColor"
    for _ in range(4):
        ground = [int(float(part)) for part in page.evaluate(scheme)[4:-1].split(",")[:3]]
        if (sum(ground) < 3 * 128) == (mode == "dark"):
            return
        buttons = ".theme-toggle:visible, label[for^=__palette]:visible"
        if page.locator(buttons).count():
            page.locator(buttons).first.click()
        else:
            page.locator(".theme-switch-button:visible").first.click()
            page.locator(f".theme-change-button[data-mode={mode}]:visible").first.click()
        page.wait_for_timeout(400)
    raise AssertionError(f"the site does not become {mode}")


def is_dark(element):
    """Whether the ground of a picture is, on the screen."""
    pixels = Image.open(io.BytesIO(element.screenshot())).convert("L")
    return pixels.getpixel((3, 3)) < 100


@pytest.mark.needs("chromium", "furo", "material", "pydata_sphinx_theme")
@pytest.mark.parametrize("site", ["furo", "pydata_sphinx_theme", "material"])
def test_all_pictures_follow_the_switch_of_a_site(browser, tmp_path, monkeypatch, site):
    from support.pages import wait_until

    address = built(tmp_path, site, monkeypatch).as_uri()
    for screen in ("light", "dark"):
        context = browser.new_context(color_scheme=screen, viewport={"width": 1400, "height": 900})
        page = context.new_page()
        page.goto(address)
        page.locator("iframe").scroll_into_view_if_needed()
        page.frame_locator("iframe").locator("#stage svg").wait_for()
        for mode in ("dark", "light", "dark"):
            switch(page, mode)
            shown = page.locator("article img:visible, main img:visible, [role=main] img:visible")
            names = {
                Path(image.get_attribute("src").partition("#")[0]).name for image in shown.all()
            }
            assert names == {"auto.svg", "two-dark.svg" if mode == "dark" else "two.svg"}
            pictures = [*shown.all(), page.locator("svg.dzviz-auto").first]
            for picture in pictures:
                assert is_dark(picture) == (mode == "dark"), (screen, mode, picture)
            frame = page.frames[1]
            wait_until(frame, f"isDark() === {json.dumps(mode == 'dark')}")
        context.close()


@pytest.mark.needs("chromium", "pypandoc")
def test_pandoc_makes_a_page_and_a_book(browser, tmp_path, monkeypatch):
    import pypandoc

    monkeypatch.chdir(tmp_path)
    Path("notes.md").write_text(PAGE.partition("```")[0].replace(" --site {site}", ""))
    assert cli.run(["embed", "notes.md"]) == 0
    pandoc = pypandoc.get_pandoc_path()
    for args in (["--standalone", "--embed-resources", "-o", "n.html"], ["-o", "n.epub"]):
        command = [pandoc, *args, "--metadata", "title=n", "notes.md"]
        subprocess.run(command, check=True, capture_output=True, timeout=100)
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto((tmp_path / "n.html").as_uri())
    images = page.locator("img:visible").all()
    assert [is_dark(image) for image in images] == [
        False,
        True,
    ]  # the first shows the page's ground
    assert all(image.evaluate("e => e.naturalWidth") > 100 for image in images)
    context.close()


@pytest.mark.needs("chromium", "nbconvert")
def test_a_notebook_becomes_a_page_and_latex(browser, tmp_path):
    import nbconvert
    import nbformat
    from support.pages import wait_until
    from traitlets.config import Config

    def cell(picture):
        shown = picture._repr_mimebundle_()
        output = nbformat.v4.new_output("execute_result", shown, execution_count=1)
        return nbformat.v4.new_code_cell("", outputs=[output], execution_count=1)

    graph = dzviz.record(lambda x: sin(x) * x, 3.0)
    pictures = [dzviz.draw(graph, theme="auto"), dzviz.draw(graph, format="html", theme="auto")]
    notebook = nbformat.v4.new_notebook(cells=[cell(picture) for picture in pictures])
    for theme in ("light", "dark"):
        text, _ = nbconvert.HTMLExporter(theme=theme).from_notebook_node(notebook)
        (tmp_path / "n.html").write_text(text)
        context = browser.new_context(
            color_scheme="light" if theme == "dark" else "dark",
            viewport={"width": 700, "height": 700},
        )
        page = context.new_page()
        page.goto((tmp_path / "n.html").as_uri())
        picture = page.locator(".jp-RenderedSVG > *").first
        assert picture.evaluate("e => e.getBoundingClientRect().right <= innerWidth")
        assert picture.evaluate("e => e.getBoundingClientRect().width > 300")
        page.locator("iframe").scroll_into_view_if_needed()
        wait_until(page.frames[1], f"isDark() === {json.dumps(theme == 'dark')}")
        assert is_dark(picture) == (theme == "light")  # an image follows the screen
        context.close()
    without_inkscape = Config({"SVG2PDFPreprocessor": {"enabled": False}})
    exporter = nbconvert.LatexExporter(config=without_inkscape)
    text, resources = exporter.from_notebook_node(notebook)
    (file,) = (data for name, data in resources["outputs"].items() if name.endswith(".png"))
    assert file.startswith(b"\x89PNG")
    assert file == b64decode(pictures[0]._repr_mimebundle_()["image/png"])
    assert "includegraphics" in text or "adjustimage" in text
