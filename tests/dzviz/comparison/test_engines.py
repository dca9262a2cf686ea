"""The same models by our engine and by one of the book; JSON is an engine like others."""

import sys
from pathlib import Path

import pytest
from support import mydezero
from support.ten_models import MODELS, check, graph_by, reports, told

from dzviz.comparison.report import compare
from dzviz.formats.json import write
from dzviz.options import Look
from dzviz.sources.json import graph, parse


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "mydezero", raising=False)
    (tmp_path / "mydezero.py").write_text(Path(mydezero.__file__).read_text())
    return tmp_path


def test_ten_models_by_our_engine_and_by_one_of_the_book(folder):
    check(reports("ours", "book", folder))
    check(reports("book", "ours", folder))


def test_a_wrong_rule_in_one_engine_is_told_where_it_is(folder):
    text = (folder / "mydezero.py").read_text()
    old = "return gy * (1.0 - y * y)"
    assert text.count(old) == 1
    (folder / "mydezero.py").write_text(text.replace(old, "return gy * (1.0 - y)"))
    found = reports("ours", "book", folder)
    assert {model for model, report in found.items() if not report.equal} == {
        *("mlp", "gate", "recurrence"),
    }, told(found)
    for model in ("mlp", "gate", "recurrence"):
        first = found[model].differences[0]
        assert first.kind == "share", model
        assert "through tanh" in first.where, model


def test_what_json_keeps_is_enough(folder):
    for model in MODELS:
        made = graph_by("ours", model, folder)
        text = "".join(write(made, Look(full=True)))
        assert compare(made, graph(parse(text.encode()))).equal, model
        short = "".join(write(made, Look()))
        assert compare(made, graph(parse(short.encode()))).equal, model
