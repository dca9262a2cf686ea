"""The fence in real builds of MkDocs."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support.hostile import TEXTS, alike
from support.howto import blocks

import dzviz

BAD = {
    '"2 * sinn(x)" --x 1': "unknown function 'sinn' (column 5)",
    '"x --x 1': "the command cannot be read",
    "x --x 1 -o x.svg": "--output does not work in a page",
    "x --x 1 -T png": "--format png does not work in a page",
    "x --x 1 --alt a": "--alt does not work in a page",
    "x --x @/etc/passwd": "leads out of the documents' folder",
    "x --x @link.npy": "leads out of the documents' folder",
    "x --x @link.npz:a": "leads out of the documents' folder",
    "x --x @.key.csv": "cannot use '@.key.csv': there is no such file",
    "x --x @../mkdocs.yml": "leads out of the documents' folder",
    "x --set x=@../secret.npy": "leads out of the documents' folder",
    "--graph ../secret.json": "leads out of the documents' folder",
    "--graph link.json": "leads out of the documents' folder",
    "x --x 1 --max-nodes 5000": "--max-nodes is at most 3000 for a picture of a document",
    "x --x 1 --order 21": "--order is at most 20 for a picture of a document",
    "-f /etc/passwd": "--file does not work in documents",
    "--py-function model.py:loss --x 1": "it: dzviz.mkdocs.fence_with_python",
    "'</pre><script>ran.push(1)</script>'": "there is nothing before '<'",
}


class Build:
    """A project of some pages, and its build."""

    def __init__(self, folder: Path, pages: dict[str, str], config: str) -> None:
        docs = folder / "docs"
        (docs / "sub").mkdir(parents=True, exist_ok=True)
        (folder / "mkdocs.yml").write_text(f"site_name: Try\nplugins: []\n{config}")
        np.save(docs / "sub/x.npy", np.array([5.0, 6.0]))
        np.save(folder / "secret.npy", np.array([5.0, 6.0]))
        np.savez(folder / "secret.npz", a=np.array([5.0, 6.0]))
        (docs / "link.npy").symlink_to(folder / "secret.npy")
        (docs / "link.npz").symlink_to(folder / "secret.npz")
        (folder / "secret.json").write_text("{}")
        (docs / "link.json").symlink_to(folder / "secret.json")
        (docs / ".key.csv").symlink_to("link.npz:a")  # MkDocs copies no such name
        (docs / "model.py").write_text('open("ran", "w")\ndef loss(x):\n    return x * x\n')
        for name, text in pages.items():
            (docs / name).write_text(text)
        done = subprocess.run(
            [sys.executable, "-m", "mkdocs", "build", "--strict"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(Path(dzviz.__file__).parents[1])},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        self.code, self.log, self.folder, self.site = (
            done.returncode,
            done.stderr,
            folder,
            folder / "site",
        )

    def read(self, name: str) -> str:
        return (self.site / name).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def config():
    (text,) = blocks("mkdocs", "yaml")
    return text


@pytest.fixture(scope="session")
def good(tmp_path_factory, config):
    folder = tmp_path_factory.mktemp("mkdocs")
    (options,) = blocks("mkdocs", "toml")
    (folder / "dzviz.toml").write_text(options)
    deep = '```dzviz alt="a <b> \'" caption="<i>&"\n"x*2" --x @x.npy\n```\n'
    item = "    ```dzviz\n    x --x 1 --theme light\n    ```\n"
    pages = {
        "index.md": "# Guide\n\n" + "\n".join(blocks("mkdocs", "markdown")),
        "sub/deep.md": f"# Deep\n\n{deep}\n- item\n\n{item}",
    }
    return Build(folder, pages, config)


@pytest.fixture(scope="session")
def bad(tmp_path_factory, config):
    parts = [f"```dzviz\n{text}\n```\n" for text in BAD]
    parts.append('```dzviz style="book"\nx --x 1\n```\n')
    return Build(tmp_path_factory.mktemp("bad"), {"index.md": "\n".join(parts)}, config)


def test_a_strict_build_draws_the_guide(good):
    assert good.code == 0, good.log
    assert "WARNING" not in good.log
    page = good.read("index.html")
    assert page.count("<svg ") == 2
    assert page.count('<iframe srcdoc="&lt;!DOCTYPE html&gt;') == 1
    assert "sin -&gt; x    0    1 * 0.5403 = 0.5403" in page
    assert "<figcaption>Two functions</figcaption>" in page
    assert 'aria-label="A chain of two functions"' in page
    assert "width:80%" in page


def test_paths_are_those_of_the_page_and_text_is_quoted(good):
    page = good.read("sub/deep/index.html")
    assert page.count("<svg ") == 2
    assert "[5, 6]" in page
    assert 'aria-label="a &lt;b&gt; \'"' in page
    assert "<figcaption>&lt;i&gt;&amp;</figcaption>" in page
    assert page.count('class="dzviz-auto"') == 1  # by dzviz.toml, but for the second picture


def test_errors_end_a_strict_build_and_have_a_box(bad):
    assert bad.code == 1
    assert "Traceback" not in bad.log
    page = bad.read("index.html") if bad.site.exists() else ""
    for words in (*BAD.values(), "'style' does not work in the header"):
        assert words in bad.log
    assert bad.log.count("WARNING -  index.md: dzviz: ") == len(BAD) + 1
    assert "<script>ran" not in page
    assert page.count('<p class="admonition-title">dzviz</p>') == len(BAD) + 1
    assert not (bad.folder / "ran").exists()


def test_a_derivation_stands_in_the_page_as_formulas(tmp_path, config):
    block = '```dzviz caption="By hand"\nexplain "a = x**2; a*sin(a)" --x 3\n```\n'
    wrong = '```dzviz\nexplain "sin(x)" --x 1 -T tex\n```\n'
    build = Build(tmp_path / "wrong", {"index.md": block + wrong}, config)
    assert build.code == 1
    assert "--format does not work for formulas in a page" in build.log
    assert build.log.count("WARNING -  index.md: dzviz: ") == 1
    build = Build(tmp_path / "good", {"index.md": block}, config)
    assert build.code == 0, build.log
    page = build.read("index.html")
    assert page.count("<math ") == 1
    assert "<mn>46.73</mn>" in page
    assert "<figcaption>By hand</figcaption>" in page


def test_python_runs_where_it_is_allowed(tmp_path, config):
    config = config.replace("mkdocs.fence", "mkdocs.fence_with_python")
    build = Build(
        tmp_path, {"index.md": "```dzviz\n--py-function model.py:loss --x 3\n```\n"}, config
    )
    assert build.code == 0, build.log
    assert "y = loss(x)" in build.read("index.html")
    assert (tmp_path / "ran").exists()


def test_an_error_that_nobody_foresaw_is_told(tmp_path, config):
    config = config.replace("mkdocs.fence", "mkdocs.fence_with_python")
    (tmp_path / "docs").mkdir()
    mute = "class Mute:\n    __str__ = None\n\n"
    (tmp_path / "docs/odd.py").write_text(
        f"{mute}def f(x):\n    x.name = Mute()\n    return x * 2\n"
    )
    pages = {"index.md": "```dzviz\n--py-function odd.py:f --x 3\n```\n"}
    build = Build(tmp_path, pages, config)
    assert build.code == 1
    assert "WARNING -  index.md: dzviz: drawing odd.py:f raised TypeError: " in build.log
    assert "Traceback" not in build.log


def test_without_mkdocs_the_folder_is_the_one_we_are_in(tmp_path, monkeypatch):
    import markdown

    from dzviz.mkdocs import fence, validator

    monkeypatch.chdir(tmp_path)
    np.save("x.npy", np.array([5.0, 6.0]))
    custom = [{"name": "dzviz", "class": "dzviz", "format": fence, "validator": validator}]
    made = markdown.Markdown(
        extensions=["pymdownx.superfences"],
        extension_configs={"pymdownx.superfences": {"custom_fences": custom}},
    )
    assert "[5, 6]" in made.convert("```dzviz\nx --x @x.npy\n```")
    assert "leads out" in made.convert("```dzviz\nx --x @../x.npy\n```")


@pytest.mark.needs("chromium")
def test_the_page_in_a_browser(browser, good, bad):
    from support.pages import visited

    for file in (good.site / "index.html", good.site / "sub/deep/index.html"):
        with visited(browser, file, viewport={"width": 400, "height": 800}) as (page, _, _):
            for svg in page.query_selector_all("svg"):
                box, room = svg.bounding_box(), svg.query_selector("xpath=..").bounding_box()
                assert 0 < box["width"] <= room["width"] + 0.5
    with visited(browser, bad.site / "index.html") as (page, _, _):
        assert page.evaluate("window.ran") == []
        assert "sinn" in page.inner_text(".admonition pre >> nth=0")


def test_hostile_text_changes_no_page(tmp_path, config):
    def page(texts):
        parts = []
        for at in range(0, len(texts), 40):
            line = " ".join(texts[at : at + 40])
            header = re.sub(r"[\"`{}]", "", line)  # there is no quoting these in a header
            command = shlex.join(["x", "--x", "1", "--title", line])
            parts.append(f'`````dzviz alt="x {header}" caption="x {header}"\n{command}\n`````\n')
        return "# Page\n\n" + "\n".join(parts)

    def tags(text):
        return set(re.findall(r"<(/?\w+)", re.sub('"[^"]*"', "", text)))

    texts = [text for text in TEXTS if text.isprintable() and text.strip() and len(text) < 99]
    pages = {"plain.md": page(list(map(alike, texts))), "hostile.md": page(texts)}
    build = Build(tmp_path, pages, config)
    assert (build.code, "WARNING" in build.log) == (0, False), build.log
    plain, hostile = (build.read(f"{name}/index.html") for name in ("plain", "hostile"))
    assert hostile.count("<svg ") == plain.count("<svg ") == (len(texts) + 39) // 40
    assert tags(hostile) == tags(plain)
    assert hostile.count("<script") == plain.count("<script")
    assert "<img" not in hostile
