"""The display options and the table of appearances."""

from dataclasses import FrozenInstanceError, fields

import pytest
from support.graphs import graph_of

from dzviz.errors import UsageError
from dzviz.options import Look
from dzviz.styles.appearance import variable_appearance
from dzviz.themes import THEMES


def test_it_is_frozen():
    with pytest.raises(FrozenInstanceError):
        Look().precision = 5


def test_every_field_has_a_default_and_help():
    assert len(fields(Look)) >= 3
    for option in fields(Look):
        assert option.metadata["help"].endswith("."), option.name
        assert Look(**{option.name: option.default}) == Look()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"precision": 0}, "precision is at least 1, not 0"),
        ({"precision": 18}, "precision is at most 17, not 18"),
        ({"precision": "4"}, "precision is a whole number"),
        ({"precision": True}, "precision is a whole number"),
        ({"max_elements": -1}, "max-elements is at least 0"),
        ({"rank_dir": "RL"}, "rank-dir is one of LR, TB, not 'RL'"),
        ({"theme": "grey"}, f"theme is one of {', '.join(THEMES)}, auto"),
        ({"show": "name"}, "show is a tuple of names"),
        ({"hide": ("name", "colour")}, "hide is one of name, data, grad"),
    ],
)
def test_wrong_values_are_refused(options, message):
    with pytest.raises(UsageError, match=message):
        Look(**options)


@pytest.mark.parametrize(
    ("options", "hint"),
    [({"theme": "drak"}, "dark"), ({"show": ("shap",)}, "shape"), ({"legend": "of"}, "off")],
)
def test_did_you_mean(options, hint):
    with pytest.raises(UsageError) as caught:
        Look(**options)
    assert caught.value.hint == f"did you mean {hint}?"


def test_backgrounds():
    for background in ("", "transparent", "#fffff0"):
        Look(background=background)
    for background in ("white", "#fff", "#fffff0\n", '"', "url(x)"):
        with pytest.raises(UsageError, match="background"):
            Look(background=background)


def node(role, state):
    return graph_of("x", x=1.0).nodes[0]._replace(role=role, grad_state=state)


def test_states_differ_in_shape_not_in_colour_alone():
    look = Look(theme="print")
    looks = {
        (role, state): variable_appearance(node(role, state), "", look)[1:]
        for role, state in [
            ("input", "leaf"),
            ("constant", "constant"),
            ("intermediate", "released"),
            ("output", "retained"),
            ("output", "released"),
        ]
    }
    assert len(set(looks.values())) == len(looks)


def test_an_unknown_role_raises():
    with pytest.raises(KeyError):
        variable_appearance(node("strange", "none"), "", Look())
