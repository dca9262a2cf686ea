"""What a command in a document may ask for: less than one on the command line, told by its name."""

import pytest

from dzviz.cli.main import run
from dzviz.documents.bounds import MOST, PICTURE, check_sizes, guarded
from dzviz.documents.inline import drawn, read_inline
from dzviz.documents.requests import allowed, command
from dzviz.documents.trust import Trust
from dzviz.errors import DzvizError, EvaluationError, LayoutError, UsageError


def request(tmp_path, words):
    return read_inline(words, folder=str(tmp_path), trust=Trust(str(tmp_path)), config={})


def written(most):
    return f"{most:,}".replace(",", " ") if most >= 10_000 else str(most)


def test_each_of_these_options_is_one_that_documents_have():
    assert set(MOST) <= allowed(command)


@pytest.mark.parametrize("name", MOST)
def test_a_size_is_capped_and_the_error_tells_of_documents(tmp_path, name):
    option = f"--{name.replace('_', '-')}"
    request(tmp_path, f"x --x 1 {option} {MOST[name]}")
    with pytest.raises(UsageError) as caught:
        request(tmp_path, f"x --x 1 {option} {MOST[name] + 1}")
    assert str(caught.value).startswith(f"{option} is at most {written(MOST[name])} for a picture")
    assert "document" in str(caught.value)


def test_display_options_of_the_folder_are_held_to_it_too(tmp_path):
    config = {"max_nodes": MOST["max_nodes"] + 1}
    with pytest.raises(UsageError, match="--max-nodes is at most"):
        read_inline("x --x 1", folder=str(tmp_path), trust=Trust(str(tmp_path)), config=config)


def test_the_command_line_has_no_such_limits(capsys):
    assert run(["x", "--x", "1", "--max-nodes", str(MOST["max_nodes"] + 1)]) == 0


def test_what_is_not_said_is_within_the_limits(tmp_path):
    check_sizes(request(tmp_path, "x --x 1").context.params)


@pytest.mark.parametrize("format", ["svg", "animation", "text", "alt"])
def test_no_time_is_an_error_that_names_the_limit(tmp_path, monkeypatch, format):
    asked = request(tmp_path, '"sin(x)" --x 1')
    monkeypatch.setattr("dzviz.documents.bounds.PICTURE", PICTURE._replace(seconds=0.0))
    with pytest.raises(LayoutError) as caught, guarded():
        drawn(asked, format)
    assert "longer than the 0 s that a picture of a document may take" in str(caught.value)


def test_no_memory_is_an_error_that_names_the_limit(tmp_path, monkeypatch):
    asked = request(tmp_path, '"sin(x)" --x 1')
    monkeypatch.setattr("dzviz.documents.bounds.PICTURE", PICTURE._replace(memory=100))
    with pytest.raises(LayoutError) as caught, guarded():
        drawn(asked, "svg")
    assert "more than the 0 MiB that a picture of a document may take" in str(caught.value)


def test_errors_of_any_kind_are_ours():
    with pytest.raises(EvaluationError, match="not enough memory"), guarded():
        raise MemoryError
    with pytest.raises(EvaluationError, match="raised KeyError"), guarded():
        raise KeyError("x")
    with pytest.raises(DzvizError, match="ours"), guarded():
        raise DzvizError("ours")
