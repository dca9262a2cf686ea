"""The display options and the table of appearances."""

import re
from dataclasses import FrozenInstanceError, fields

import pytest

from dzviz.errors import UsageError
from dzviz.look import APPEARANCES, Look, appearance


def test_it_is_frozen():
    with pytest.raises(FrozenInstanceError):
        Look().precision = 5


def test_every_field_has_a_default_and_help():
    assert len(fields(Look)) >= 3
    for option in fields(Look):
        assert option.metadata["help"].endswith(".")
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
    ],
)
def test_wrong_values_are_refused(options, message):
    with pytest.raises(UsageError, match=message):
        Look(**options)


def test_colours_have_six_digits():
    for look in APPEARANCES.values():
        for colour in (look.fill, look.line, look.text):
            assert re.fullmatch("#[0-9a-f]{6}", colour)


def test_every_state_has_a_look_and_an_unknown_one_raises():
    seen = {
        appearance(role, state)
        for role in ("input", "constant", "intermediate", "output")
        for state in ("none", "leaf", "retained", "released", "constant")
    }
    assert len(seen) == len(APPEARANCES) - 1
    with pytest.raises(KeyError):
        appearance("strange", "none")
