"""Every display option of the table reaches the picture, and every way to have a film one."""

import sys
from dataclasses import fields

import pytest

from dzviz.cli import main as cli
from dzviz.options import Look

OTHER = {
    "style": "merged",
    "theme": "dark",
    "background": "transparent",
    "show": "shape",
    "hide": "data",
    "contributions": "all",
    "precision": "2",
    "max_elements": "1",
    "title": "Chain rule",
    "legend": "on",
    "rank_dir": "TB",
    "pace": "0.5",
    "full": None,
    "steady": None,
}
"""For each option a value that is not the default, None where it has none."""

SHOWN_IN = {"pace": "animation", "full": "json", "steady": "svg"}
"""The format in which it makes a difference, where that is not DOT."""


def drawn(capsys, monkeypatch, *args):
    command = ["a = x*x; sum(a*sin(a) + w)", "--x", "[1.2345, 2]", "--w", "1", *args]
    monkeypatch.setattr(sys, "argv", ["dzviz", *command])
    code = cli.run(command)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_every_option_is_tried():
    assert OTHER.keys() == {option.name for option in fields(Look)}


@pytest.mark.parametrize("name", OTHER)
def test_an_option_changes_the_picture(capsys, monkeypatch, name):
    format = ("-T", SHOWN_IN.get(name, "dot"), *(["--retain-grad"] if name == "steady" else []))
    plain = drawn(capsys, monkeypatch, *format)
    value = [] if OTHER[name] is None else [OTHER[name]]
    other = drawn(capsys, monkeypatch, *format, f"--{name.replace('_', '-')}", *value)
    assert plain[0] == other[0] == 0
    assert plain[1] != other[1]
    assert plain[2] == other[2] == ""


def test_a_font_that_is_not_there_is_told(capsys, monkeypatch, tmp_path):
    target = tmp_path / "graph.png"
    args = ("--title", "\ue000", "--font", "missing.ttf", "-o", str(target))
    code, out, err = drawn(capsys, monkeypatch, *args)
    assert (code, out) == (5, "")
    assert err.startswith("dzviz: error: ")
    assert not target.exists()


def test_each_way_to_have_a_film_gives_one(capsys, monkeypatch, tmp_path):
    ways = {
        ("--frames", str(tmp_path / "steps")): lambda: tmp_path / "steps" / "step-00.svg",
        ("--frames", str(tmp_path / "steps.pdf")): lambda: tmp_path / "steps.pdf",
        ("--animate", "-o", str(tmp_path / "film.svg")): lambda: tmp_path / "film.svg",
        ("--animate", "-o", str(tmp_path / "slow.svg"), "--pace", "9"): lambda: (
            tmp_path / "slow.svg"
        ),
    }
    made = set()
    for args, path in ways.items():
        assert drawn(capsys, monkeypatch, *args) == (0, "", "")
        made.add(path().read_bytes())
    assert len(made) == len(ways)


def test_the_environment_may_choose_a_font(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("DZVIZ_FONT", "missing.ttf")
    target = tmp_path / "graph.png"
    code, out, err = drawn(capsys, monkeypatch, "--title", "\ue000", "-o", str(target))
    assert (code, out) == (5, "")
    assert "missing.ttf" in err
    assert not target.exists()
