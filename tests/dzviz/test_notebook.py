"""Pictures in a notebook that a kernel really executes: the guide's."""

from __future__ import annotations

import nbclient
import nbformat
import pytest
from support.howto import ROOT, blocks


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebook")
    notebook = nbformat.v4.new_notebook()
    sources = [*blocks("jupyter", "python"), "y", "print(dzviz.draw(y))", "dzviz.draw(y, colour=1)"]
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
        assert set(output.data) == {"image/svg+xml", "text/plain"}
        assert output.data["image/svg+xml"].startswith("<svg ")
        assert title in output.data["image/svg+xml"] or title == "y = sin(x)"
        assert output.data["text/plain"].startswith("name ")
    assert "0.5403" in cells[0][0].data["text/plain"]


def test_a_variable_keeps_the_books_words(cells):
    (output,) = cells[2]
    assert output.data == {"text/plain": "variable(0.8414709848078965)"}


def test_printed_it_is_the_table_and_errors_are_told_at_once(cells):
    assert cells[3][0].text.startswith("name ")
    assert cells[4][0].ename == "UsageError"
    assert "unknown display option 'colour'" in cells[4][0].evalue
