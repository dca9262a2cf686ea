"""What a field says of an option is so: what it changes, what not, and who may set it."""

import sys

import pytest
from support.loops import chain, taken

from dzviz.arguments.draw import draw_options
from dzviz.arguments.options import Option
from dzviz.cli import main as cli
from dzviz.documents.requests import allowed, command
from dzviz.errors import DzvizError
from dzviz.fields import options_of, written
from dzviz.formats import FORMATS
from dzviz.graph.model import Group
from dzviz.options import KINDS, Layout, Look, Passes, View
from dzviz.pipeline import Computation, Given, prepare
from dzviz.sources.expression import read
from dzviz.styles import STYLES, Style, with_style

OPTIONS = {
    (kind, option.name): option
    for kind in (Passes, Look, View, Layout)
    for option in options_of(kind)
}

OTHER = {
    (Passes, "random_seed"): [1],
    (Passes, "retain_grad"): [True],
    (Passes, "backward"): [False],
    (Passes, "order"): [1],
    (Passes, "wrt"): ["w"],
    (Look, "style"): ["merged"],
    (Look, "theme"): ["dark", "print", "auto"],
    (Look, "background"): ["transparent", "#fffff0"],
    (Look, "show"): [("shape",)],
    (Look, "hide"): [("data",), ("grad",), ("name",)],
    (Look, "contributions"): ["all", "none"],
    (Look, "edges"): ["flow"],
    (Look, "precision"): [2, 17],
    (Look, "max_elements"): [1],
    (Look, "title"): ["Chain rule"],
    (Look, "lang"): ["ko", "ja"],
    (Look, "legend"): ["on", "off"],
    (Look, "pace"): [0.5],
    (Look, "steps"): ["1"],
    (Look, "full"): [True],
    (Look, "standalone"): [True],
    (Look, "steady"): [True],
    (Look, "rank_dir"): ["TB"],
    (Look, "font_size"): [14.0],
    (Look, "scale"): [2.0],
    (Look, "fit"): ["slide"],
    (Look, "only"): ["shapes", "forward"],
    (View, "fold"): ["always"],
    (View, "focus"): ["a:0"],
    (View, "from_"): ["a"],
    (View, "to"): ["a"],
    (View, "depth"): [0],
    (View, "expand"): ["all"],
    (View, "max_nodes"): [3],
    (Layout, "engine"): ["no such engine"],
    (Layout, "timeout"): [1e-9],
    (Layout, "font"): ["missing.ttf"],
}
"""For each option some values that are not the default."""

RICH = "a = x*x; sum(a*sin(a) + w) + 0*sum(r)"
VALUES = {"x": "[1.2345, 2]", "w": "1", "r": "rand(2)"}
FRAMED = taken(chain(2))._replace(groups=(Group("m", "sum", "module", ("f0", "v2", "f1")),))

ATTENTION = Computation(read("sum(attention(x, x, x))"), {"x": "[[1, 2], [3, 4]]"})

GRAPHS = {
    (View, "fold"): Given(taken(chain(30))),
    (View, "depth"): Given(FRAMED),
    (View, "expand"): ATTENTION,
}
"""What has something that an option is about, where the usual expression has not."""


def written_with(format, style, kind=None, name=None, value=None):
    """Draw with one option and return the bytes, or the error's text."""
    given = {kind: {} for kind in (Passes, Look, View, Layout)}
    given[Look] |= {"style": style, "title": "\ue000"} if kind is Layout else {"style": style}
    if (kind, name) == (Look, "style"):
        given[Look]["legend"] = "on"
    if (kind, name) == (Passes, "wrt"):
        given[Passes]["order"] = 1
    if (kind, name) == (Look, "steady"):
        given[Passes]["retain_grad"] = True
    if kind is not None:
        given[kind][name] = value
    try:
        drawing = prepare(
            GRAPHS.get((kind, name)) or Computation(read(RICH), VALUES, **given[Passes]),
            format,
            with_style(Look(**given[Look])),
            View(**given[View]),
            Layout(**given[Layout]),
        )
        chunks = [c if isinstance(c, bytes) else c.encode() for c in drawing.chunks()]
    except DzvizError as error:
        return str(error)
    return b"".join(chunks)


def test_every_option_is_tried():
    assert OTHER.keys() == OPTIONS.keys()
    for (kind, name), values in OTHER.items():
        assert OPTIONS[kind, name].default not in values


SIGNS = {name for name, default in Style._field_defaults.items() if isinstance(default, bool)}
"""What a style may do, of which an option may say that it concerns those alone that do."""


def test_every_option_says_what_it_concerns():
    for option in OPTIONS.values():
        assert option.metadata["help"].endswith(".")
        assert set(option.metadata["formats"]) <= set(KINDS)
        assert option.metadata["styles"] in (None, *SIGNS)
    assert {format.kind for format in FORMATS.values()} == set(KINDS)


SLOW = ("png", "gif", "pdf", "html", "animation")
PAINTED = ("gif", "pdf", "png")
"""Formats that paint what another one writes; they are tried in one style."""

GIF = ("pace", "font")
"""What is tried in a GIF, which takes seconds to paint; of the rest it heeds what a film does."""


def test_a_gif_heeds_what_an_animation_does():
    for (_, name), option in OPTIONS.items():
        for style in STYLES if name != "font" else ():  # of which pixels are made
            assert FORMATS["gif"].heeds(option, style) == FORMATS["animation"].heeds(option, style)


@pytest.mark.parametrize(
    ("key", "format"),
    [
        pytest.param(key, name, marks=[pytest.mark.thorough] if name in SLOW else [])
        for key in OTHER
        for name in FORMATS
        if name != "gif" or key[1] in GIF
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else value,
)
def test_an_option_changes_what_it_says(key, format):
    """In a format that it concerns it changes something, in another no byte, or it is refused."""
    made = FORMATS[format]
    changes = {}
    for style in ["boxes"] if format in PAINTED else STYLES:
        if key == (Look, "style"):
            results = [written_with(made, other, *key, other) for other in STYLES if other != style]
            before = written_with(made, style, *key, style)
        else:
            before = written_with(made, style, *key, OPTIONS[key].default)
            results = [written_with(made, style, *key, value) for value in OTHER[key]]
        changed = [result for result in results if result != before]
        if not made.heeds(OPTIONS[key], style):
            assert not [result for result in changed if isinstance(result, bytes)], style
        else:
            changes[style] = bool(changed)
    if changes:
        assert all(changes.values()), changes


def test_documents_may_set_what_the_fields_say():
    fields = {option.name for option in OPTIONS.values() if option.metadata["documents"]}
    of_commands = {"graph", "assignments", "sweep", "format_name", "output", "animate", "quiet"}
    of_commands |= {"alt", "caption", "site"}  # what a document says beside its picture
    of_commands |= {"sweep"}
    assert fields | of_commands == allowed(command)
    assert {"engine", "timeout", "font"}.isdisjoint(allowed(command))


def test_the_command_line_has_every_option():
    made = {(p.heading, p.name): p for p in draw_options() if isinstance(p, Option)}
    for (kind, name), option in OPTIONS.items():
        if name != "random_seed":  # which every expression has
            assert made[kind.heading, name].opts == [f"--{written(option)}"]


def drawn(capsys, monkeypatch, *args):
    command = ["a = x*x; sum(a*sin(a) + w)", "--x", "[1.2345, 2]", "--w", "1", *args]
    monkeypatch.setattr(sys, "argv", ["dzviz", *command])
    code = cli.run(command)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize(
    ("args", "idle"),
    [
        (("-T", "text", "--rank-dir", "TB"), "--rank-dir changes nothing in text"),
        (("-T", "json", "--title", "T"), "--title changes nothing in json"),
        (("-T", "dot", "--pace", "2"), "--pace changes nothing in dot"),
        (
            ("-T", "html", "--fit", "slide"),
            "--fit is for pictures: an HTML page adapts to its window",
        ),
        (("-T", "dot", "--fit", "slide"), "--fit is for pictures: dot has no size"),
        (
            ("-T", "dot", "--style", "refs", "--contributions", "all"),
            "--contributions changes nothing in dot in the style refs",
        ),
        (("-T", "text", "--rank-dir", "TB", "-q"), ""),
        (("-T", "dot", "--rank-dir", "TB"), ""),
    ],
)
def test_an_option_that_changes_nothing_is_told(capsys, monkeypatch, args, idle):
    code, out, err = drawn(capsys, monkeypatch, *args)
    assert (code, err) == (0, f"dzviz: {idle}\n" if idle else "")
    assert out


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
