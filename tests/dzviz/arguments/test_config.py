"""Display options from a file."""

from dataclasses import fields

import pytest

from dzviz.arguments.config import NAMES, find_config, read_config
from dzviz.errors import UsageError
from dzviz.options import Look

TOML = """\
style = "merged"
rank-dir = "TB"
precision = 3
show = ["shape", "dtype"]
hide = "data, grad"
"""


def test_both_files_say_the_same(tmp_path):
    (tmp_path / "dzviz.toml").write_text(TOML)
    (tmp_path / "pyproject.toml").write_text(f"[project]\nname = 'x'\n[tool.dzviz]\n{TOML}")
    expected = {
        "style": "merged",
        "rank_dir": "TB",
        "precision": 3,
        "show": "shape,dtype",
        "hide": "data,grad",
    }
    for name in NAMES:
        assert read_config(str(tmp_path / name)) == expected
    assert expected.keys() <= {option.name for option in fields(Look)}


def test_the_first_file_that_says_something_counts(tmp_path):
    assert find_config(str(tmp_path)) == {}
    (tmp_path / "pyproject.toml").write_text("[tool.dzviz]\nprecision = 7\n")
    assert find_config(str(tmp_path)) == {"precision": 7}
    (tmp_path / "dzviz.toml").write_text("")
    assert find_config(str(tmp_path)) == {"precision": 7}
    (tmp_path / "dzviz.toml").write_text("precision = 5")
    assert find_config(str(tmp_path)) == {"precision": 5}


@pytest.mark.parametrize(
    ("text", "words", "hint"),
    [
        ("styl = 'merged'", "'styl' in", "did you mean style?"),
        ("order = 3", "'order' in", "there are style"),
        ("py-function = 'm.py:f'", "is not a display option", ""),
        ("style = 'marged'", "style is one of", "did you mean merged?"),
        ("precision = 'many'", "precision is a whole number", None),
        ("precision = 99", "precision is at most 17", None),
        ("style = [1]", "style is text, not", None),
        ("title = 3", "title is text, not 3", None),
        ("style", "cannot read the display options", None),
        ("\x00", "cannot read the display options", None),
    ],
)
def test_what_is_no_option_is_refused(tmp_path, text, words, hint):
    path = tmp_path / "dzviz.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=words) as error:
        read_config(str(path))
    assert "dzviz.toml" in str(error.value)
    if hint:
        assert hint in error.value.hint


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(UsageError, match="No such file"):
        read_config(str(tmp_path / "none.toml"))
    for text in ("[tool]\ndzviz = 3\n", "tool = 3\n"):
        (tmp_path / "pyproject.toml").write_text(text)
        with pytest.raises(UsageError, match="not a table"):
            find_config(str(tmp_path))


def test_a_file_that_cannot_be_looked_at_is_not_passed_over(tmp_path):
    (tmp_path / NAMES[0]).symlink_to(NAMES[0])
    with pytest.raises(UsageError, match=r"cannot read the display options in '.*': .*symbolic"):
        find_config(str(tmp_path))


def test_a_folder_of_that_name_says_nothing(tmp_path):
    (tmp_path / NAMES[0]).mkdir()
    assert find_config(str(tmp_path)) == {}
