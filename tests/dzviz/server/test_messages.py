"""Anything may be sent: there is an answer, and nothing else happens."""

import json
import os
import random

import pytest
from support.live import message, served

KNOWN = {"main", "parts", "page", "error", "outdated"}


@pytest.mark.thorough
def test_random_messages_are_answered_and_harm_nothing(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    dice = random.Random(7)
    kinds, structure = set(), ""
    with served() as site:
        for number in range(300):
            data = message(dice, structure)
            answer = json.loads(site.answer(data))
            assert KNOWN & answer.keys(), (number, data)
            assert "Error" not in answer.get("error", ""), (data, answer)
            kinds |= KNOWN & answer.keys()
            if isinstance(data, dict) and data.get("tab") == "t":
                structure = answer["structure"]
    assert kinds >= {"main", "parts", "page", "error"}
    assert os.listdir(tmp_path) == []
    out, err = capfd.readouterr()
    assert "Traceback" not in err
    assert out == ""
