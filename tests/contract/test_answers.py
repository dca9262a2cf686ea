"""The JSON of `why`, `flow` and `lint` is as its schema says, whatever source it is about."""

import copy
import inspect
import json
from pathlib import Path

import jsonschema
import pytest
from support import mydezero
from support.schemas import ANSWERS, answered, schema, validate

from dzviz.diagnosis.answers import CAUSES, STATES
from dzviz.lint.remarks import RULES

MODEL = """
import numpy as np


def loss(x, w):
    for _ in range(30):
        x = np.tanh(x * 0.1)
    return np.sum(x) + np.floor(w)
"""

BOOK = """
from mydezero import exp


def loss(x, w):
    return exp(x) * x
"""

EXPRESSIONS = (
    ("relu(x)*w", "--x", "-1", "--w", "2"),
    ("h = x*w; exp(h) + h", "--x", "1", "--w", "2"),
    ("log(x)*2", "--x", "[1, 2]"),
    ("sum(where(x > 0, sqrt(x), 0))", "--x", "[0, 4]"),
    ("exp(x)*1e-200*exp(-400)", "--x", "0"),
    ("sum((x - w)**2)", "--x", "[[1], [2]]", "--w", "[1, 2]"),
    ("a = 2*x; log(softmax(x))[0]", "--x", "[1, 2]"),
    ("mean(x**2)", "--x", "rand(100, 80)"),
)


@pytest.fixture
def sources(tmp_path, monkeypatch):
    """Command lines over all sources that need no other package."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.py").write_text(MODEL)
    (tmp_path / "mydezero.py").write_text(inspect.getsource(mydezero))
    (tmp_path / "book.py").write_text(BOOK)
    made = [tuple(words) for words in EXPRESSIONS]
    made += [
        ("--py-function", f"{name}.py:loss", "--x", "0.5", "--w", "1.5")
        for name in ("model", "book")
    ]
    from dzviz.cli import main as cli

    for i, words in enumerate(EXPRESSIONS[:5]):
        assert cli.run(("draw", *words, "-o", f"{i}.json", "--full")) in (0, None)
        made.append(("--graph", f"{i}.json"))
    told = json.loads(Path("1.json").read_text())
    for node in told["nodes"]:
        if node.get("name") == "x":
            node["grad"] = 5
    Path("wrong.json").write_text(json.dumps(told))
    made.append(("--graph", "wrong.json"))
    return made


@pytest.mark.parametrize("command", ANSWERS)
def test_the_json_is_as_its_schema_says(capsys, sources, command):
    written = [answered(capsys, command, *words) for words in sources]
    assert len(written) == len(sources)
    if command == "why":
        states = {answer["state"] for told in written for answer in told["answers"]}
        assert states == set(STATES)
    elif command == "flow":
        firsts = [leaf["strongest"]["first"] for told in written for leaf in told["leaves"]]
        assert any(first and first["times"] for first in firsts)
        assert any(told["frames"] == [] for told in written)
    else:
        rules = {remark["rule"] for told in written for remark in told["remarks"]}
        assert {"broadcast", "unused", "log-softmax"} <= rules


@pytest.mark.parametrize("command", ANSWERS)
def test_a_schema_lets_nothing_else_pass(capsys, command):
    told = answered(capsys, command, "a = 2*x; log(softmax(x))[0]", "--x", "[1, 2]")
    inner = {"why": "answers", "flow": "gains", "lint": "remarks"}[command]
    assert told[inner]
    for change in (
        lambda d: d.update(schema="dzviz/other/1"),
        lambda d: d.pop(inner),
        lambda d: d.update(more=1),
        lambda d: d[inner][0].update(more=1),
        lambda d: d[inner][0].popitem(),
    ):
        wrong = copy.deepcopy(told)
        change(wrong)
        with pytest.raises(jsonschema.ValidationError):
            validate(command, wrong)


def test_the_words_of_a_schema_are_those_of_the_tables():
    answer = schema("why")["$defs"]["answer"]["properties"]
    assert answer["cause"]["enum"] == list(CAUSES)
    assert answer["state"]["enum"] == list(STATES)
    assert schema("lint")["$defs"]["remark"]["properties"]["rule"]["enum"] == list(RULES)
