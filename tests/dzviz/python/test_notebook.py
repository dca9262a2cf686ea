"""Pictures in a notebook that a kernel really executes: the guide's."""

from __future__ import annotations

import re
from base64 import b64decode

import nbclient
import nbformat
import pytest
from support.howto import ROOT, blocks


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebook")
    notebook = nbformat.v4.new_notebook()
    sources = [
        *blocks("jupyter", "python")[:2],
        "y",
        "print(dzviz.draw(y))",
        "dzviz.draw(y, them=1)",
        *blocks("jupyter", "python")[2:],
        *blocks("jupyter", "ipython"),
    ]
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in sources]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setenv("IPYTHONDIR", str(folder / "ipython"))
        client = nbclient.NotebookClient(
            notebook, timeout=120, allow_errors=True, resources={"metadata": {"path": str(folder)}}
        )
        client.execute()
    nbformat.validate(notebook)
    assert (folder / "steps.html").read_text(encoding="utf-8").startswith("<!")
    return [cell.outputs for cell in notebook.cells]


def test_draw_shows_svg_and_a_table(cells):
    for (output,), title in zip(cells[:2], ("y = sin(x)", "y = f(x, w)"), strict=True):
        assert output.output_type == "execute_result"
        assert set(output.data) == {"image/svg+xml", "image/png", "text/plain"}
        assert output.data["image/svg+xml"].startswith("<svg ")
        assert title in output.data["image/svg+xml"] or title == "y = sin(x)"
        assert output.data["text/plain"].startswith("name ")
    assert "0.5403" in cells[0][0].data["text/plain"]


def test_a_variable_keeps_the_books_words(cells):
    (output,) = cells[2]
    assert output.data == {"text/plain": "variable(0.8414709848078965)"}


def test_printed_it_is_the_table_and_errors_are_told_at_once(cells):
    assert cells[3][0].text.startswith("name ")
    (error,) = cells[4]
    assert error.ename == "UsageError"
    assert "unknown display option 'them'" in error.evalue
    told = re.sub(r"\x1b\[[\d;]*m", "", "".join(error.traceback))
    assert "hint: did you mean theme? there are style, theme, " in told


def shown(cell):
    """What a cell shows as its result."""
    return [output.data for output in cell if output.output_type == "execute_result"]


def test_the_rest_of_the_page(cells):
    graph, film, page, trace, check, why, diff, beside, flow, remarks, magic, body, told = (
        (shown(cell) or [{}])[0] for cell in cells[5:]
    )
    for pictures in (graph, why, diff, beside, flow, magic, body):
        assert pictures["image/svg+xml"].startswith("<svg style=")
        assert b64decode(pictures["image/png"]).startswith(b"\x89PNG")
    assert graph["text/plain"].startswith("name ")
    assert "<style>@media (prefers-reduced-motion" in film["image/svg+xml"]
    assert page["text/html"].startswith('<iframe srcdoc="&lt;!DOCTYPE html&gt;')
    assert trace["text/plain"].startswith("step ")
    assert "0 differ" in check["text/plain"]
    assert why["text/plain"].startswith("x.grad is 0: ")
    assert diff["text/plain"].startswith("first difference, forward: ")
    assert flow["text/plain"].startswith("op ")
    assert remarks["text/plain"].startswith("column 1: log(softmax(x)): ")
    assert told["text/plain"].startswith("step ")
    assert "#0f172a" in magic["image/svg+xml"]
