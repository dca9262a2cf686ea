"""A line is read alike with all options and, after others like it, with those that it mentions."""

from __future__ import annotations

from typing import Any

import click
import pytest

from dzviz.arguments.draw import draw_options
from dzviz.arguments.expression import ExpressionCommand
from dzviz.arguments.two import TwoCommand, beside_options
from dzviz.errors import DzvizError

ONE = [
    ["x"],
    ["x", "--x", "1"],
    ["x*font", "--x", "-1", "--set", "font=2", "--font", "Arial"],
    ["x", "-q", "-T", "png", "--x=2"],
    ["x", "-Tsvg", "-oa.svg", "--x", "1"],
    ["-T", "svg", "-o", "a.svg", "--", "-x"],
    ["x", "--title", "--steady", "--x", "1"],
    ["x", "--steady", "--x", "1", "--x", "2"],
    ["x", "--retain-grad", "--no-backward", "--order", "2", "--wrt", "x"],
    ["x", "--theme", "light,dark", "--show", "data,grad"],
    ["x", "--sweep", "x=1:2:3", "--random-seed", "7"],
    # Mistakes:
    ["x", "--stedy"],
    ["x", "--y", "1"],
    ["x", "--x"],
    ["x", "-T"],
    ["x", "-Z", "1"],
    ["x", "--order", "two"],
    ["x", "--order=2.5", "--steady=1"],
    ["x", "--backend", "none"],
    ["x", "--random-seed", "-1"],
    ["x + font", "--font", "Arial"],
    ["x +", "--x", "1"],
    [],
]

TWO = [
    ["x", "y", "--x", "1"],
    ["x", "x", "--set-a", "x=1", "--set-b", "x=2", "-T", "svg"],
    ["x", "y", "--z", "1"],
    ["x", "y", "--rows"],
    ["x"],
]

SETTINGS: list[dict[str, Any]] = [
    {},
    {"theme": "dark", "retain_grad": True},
    {"order": "two"},
    {"unknown": 1},
]


def one() -> click.Command:
    return ExpressionCommand("draw", params=draw_options())


def two() -> click.Command:
    return TwoCommand("beside", params=beside_options())


def read(command: click.Command, words: list[str], settings: dict[str, Any]) -> Any:
    """Return all that a command knows of a line, or its error."""
    try:
        context = command.make_context(
            "dzviz", list(words), default_map=dict(settings), help_option_names=[]
        )
    except click.UsageError as error:
        return type(error), error.format_message()
    except (click.ClickException, DzvizError) as error:
        return type(error), str(error), vars(error)
    sources = {name: context.get_parameter_source(name) for name in context.params}
    return context.params, sources, context.meta.keys()


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize(("make", "lines"), [(one, ONE), (two, TWO)])
def test_a_line_is_read_alike(make: Any, lines: list[list[str]], settings: dict[str, Any]) -> None:
    command = make()
    good = 0
    for words in [*lines, *reversed(lines)]:
        expected = read(make(), words, settings)
        for _ in range(3):
            assert read(command, words, settings) == expected, words
        good += isinstance(expected[0], dict)
    assert good >= (0 if settings.get("order") else 4)


def test_other_settings_after_the_first() -> None:
    command = one()
    for settings in (*SETTINGS, *reversed(SETTINGS)):
        for _ in range(3):
            assert read(command, ["x"], settings) == read(one(), ["x"], settings)


def test_the_environment_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    command = one()
    for font in ("Arial", "Courier"):
        monkeypatch.setenv("DZVIZ_FONT", font)
        for _ in range(3):
            assert read(command, ["x"], {})[0]["font"] == font


def test_click_is_asked_about_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the third line on: at the second it tells what a line without options is."""
    asked: list[str | None] = []
    handle = click.Option.handle_parse_result

    def noted(self: click.Option, *others: Any) -> Any:
        asked.append(self.name)
        return handle(self, *others)

    monkeypatch.setattr(click.Option, "handle_parse_result", noted)
    command = one()
    counts = []
    for _ in range(3):
        asked.clear()
        read(command, ["x", "--x", "1", "--steady"], {})
        counts.append(len(asked))
    assert counts[0] > 40
    assert set(asked) == {"variable x", "steady", "font"}
