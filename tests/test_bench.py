"""The table of benchmarks and what is made of it; how fast anything is plays no part."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def bench():
    return tool("bench")


@pytest.fixture(scope="module")
def contenders():
    return tool("contenders")


def tool(name):
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = sys.modules[name] = module_from_spec(spec)  # its classes look for their module there
    spec.loader.exec_module(module)
    return module


def sides(bench):
    return [side for row in bench.ROWS for side in (row.ours, row.theirs) if side is not None]


def test_the_table_is_well_formed(bench, contenders):
    assert len(bench.ROWS) > 30
    titles = [(row.title, row.theirs and row.theirs.package) for row in bench.ROWS]
    assert len(set(titles)) == len(titles)
    for row in bench.ROWS:
        assert row.ours.package == "dzviz"
        assert row.theirs is None or type(row.theirs) is type(row.ours)
        assert row.bar is None or row.bar > 0
        assert row.runs >= 3
        assert row.bar is not None or row.theirs is not None
    for side in sides(bench):
        if isinstance(side, bench.Task):
            assert side.package in contenders.PACKAGES
            assert side.want in ("seconds", "bytes")
    works = contenders.dzviz()
    assert {s.work for s in sides(bench) if getattr(s, "n", 0) and s.package == "dzviz"} == {*works}


@pytest.mark.parametrize("work", ["chain", "sum", "mlp", "derivative", "drawn", "lines"])
def test_our_works_do_something(contenders, work):
    found = contenders.answer(work, contenders.dzviz()[work](6)())
    assert any(found)
    assert all(number == number for number in found)


def test_packages_that_agree(bench, contenders):
    ours, plain = (
        contenders.answer("mlp", p()["mlp"](4)()) for p in (contenders.dzviz, contenders.numpy)
    )
    assert bench.disagreements({"ours": ours, "plain": plain}) == []
    lines = [
        contenders.answer("lines", contenders.dzviz()[w](50)()) for w in ("lines", "lines loop")
    ]
    assert lines[0] == lines[1] != [0]


@pytest.mark.parametrize("wrong", [[1.0, 2.0000001], [1.0, float("nan")], [1.0], [1.0, 2.0, 3.0]])
def test_a_package_that_is_wrong_is_named(bench, wrong):
    (said,) = bench.disagreements({"ours": [1.0, 2.0], "right": [1.0, 2.0], "liar": wrong})
    assert said.startswith("liar ")


def test_nothing_is_measured_where_packages_differ(bench):
    def ask(task, want):
        assert want == "answer"
        return [1.0 if task.package == "torch" else 2.0]

    found = bench.compare(bench.ROWS, ask)
    assert any(text.startswith("chain 1000: torch chain") for text in found)
    assert not any("book" in text for text in found)
    assert bench.compare(bench.ROWS, lambda task, want: [2.0]) == []


def test_both_sides_are_measured_in_turn(bench):
    asked = []

    def measure(side):
        asked.append(side)
        return float(len(asked))

    row = bench.Row("it", bench.DOT, bench.CLICK, 0.5, runs=3)
    result = bench.run(row, measure)
    assert asked == [bench.DOT, bench.CLICK] * 4
    assert result.ours == (3.0, 5.0, 7.0)
    assert result.theirs == (4.0, 6.0, 8.0)
    assert result.ratio == 0.75
    assert result.met == "no"


def test_the_page_has_each_row_and_what_is_missed(bench):
    results = [
        bench.Result(row, (0.02, 0.01, 0.03), () if row.theirs is None else (0.015,))
        for row in bench.ROWS
    ]
    text = bench.page(results, "Measured somewhere.\n")
    for result in results:
        assert text.count(f"| {result.row.title} | ") >= 1
    assert "10 ms (20, 30)" in text
    missed = text.partition("## What is missed")[2]
    assert missed.count("\n- ") == sum(result.met == "no" for result in results) > 0


def test_the_page_in_docs_is_of_this_table(bench):
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8").partition(bench.LARGE)[0]
    assert page.startswith(bench.TEXT)
    titles = [
        line.split(" | ")[0].removeprefix("| ") for line in page.splitlines() if " | " in line
    ]
    assert titles[1:] == [row.title for row in bench.ROWS]


@pytest.fixture(scope="module")
def large():
    return tool("large")


def test_each_row_of_large_graphs_is_of_works_that_do_something(large):
    assert len(large.ROWS) > 15
    assert len({(row.title, row.beside) for row in large.ROWS}) == len(large.ROWS)
    for row in large.ROWS:
        assert {row.work, row.beside or row.work} <= large.WORKS.keys()
        assert row.beside or row.time or row.memory
    for name in ("svg", "alt", "all", "rnn folded", large.RECORDED):
        assert large.WORKS[name](20)()


def test_the_part_of_large_graphs_is_of_this_table(large, bench):
    _, heading, part = (ROOT / "docs" / "benchmarks.md").read_text("utf-8").partition(bench.LARGE)
    assert f"{heading}{part}".startswith(large.TEXT)
    rows = [large.key(line) for line in part.splitlines() if line.startswith("| ")]
    assert rows[1:] == [(row.title, row.beside) for row in large.ROWS]


def test_a_row_of_large_graphs_tells_what_is_met(large):
    row = large.Row("it", "svg", 10, "dot", 1.3, 1.5)
    text = large.line(row, large.Cost(1.2, 2e8), large.Cost(1.0, 1e8))
    cells = "it", "1.2 s", "dot", "1 s", "1.2", "1.3", "yes", "200 MB", "100 MB", "2", "1.5", "no"
    assert text == f"| {' | '.join(cells)} |"
    alone = large.line(large.Row("it", "rnn", 3, time=0.5), large.Cost(0.7, 1e8), None)
    assert "| 700 ms |  |  |  | 0.5 | no | 100 MB |" in alone


def test_the_machine_has_no_name(bench):
    import platform

    text = bench.machine()
    assert platform.python_version() in text
    assert not platform.node() or platform.node() not in text
    assert "/" not in text
