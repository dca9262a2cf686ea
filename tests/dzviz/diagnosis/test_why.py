"""Every planted fault is answered with its cause, and nothing is blamed in sound graphs."""

import json
from collections import Counter

import numpy as np
import pytest
from support.gradient_faults import AFTER, BEFORE, MENDED, SOUND

import dzviz
from dezero import Variable
from dzviz.diagnosis.answers import CAUSES, STATES
from dzviz.diagnosis.families import FAMILIES, FAMILY

FAULTS = (*BEFORE, *AFTER)


def test_there_are_as_many_as_are_asked_for():
    assert len(FAULTS) >= 40
    assert len(BEFORE) * 2 >= 40
    assert len(SOUND) >= 20
    assert {CAUSES[fault.cause].state for fault in FAULTS} == set(STATES)


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_a_fault_has_its_cause(fault):
    answers = {answer.name: answer for answer in fault.ask()}
    answer = answers[fault.of]
    assert answer.cause == fault.cause, answer.sentence
    assert answer.sentence.startswith(f"{fault.of}.grad is ")
    for word in fault.words:
        assert word in answer.sentence
    assert (answer.mend == "") == (answer.cause == "small"), "it says what to do, if anything"
    assert fault.mend in answer.mend
    expected = CAUSES[fault.cause].state
    assert answer.state == expected
    sound = ("frozen", "integer", "no derivative", "constant")
    assert answer.fails() == (expected != "fine" and fault.cause not in sound)
    assert not answer.fails((expected,))


@pytest.mark.parametrize("name", SOUND)
def test_nothing_is_blamed_in_a_sound_graph(name):
    for answer in SOUND[name]():
        assert (answer.state, answer.mend) == ("fine", ""), answer.sentence
        assert answer.cause in ("derivative", "shared")


@pytest.mark.parametrize("name", MENDED)
def test_what_mends_a_fault_mends_it(name):
    assert name in {fault.name for fault in FAULTS}
    for answer in MENDED[name]():
        assert not answer.fails(), answer.sentence


def test_an_op_is_in_one_family():
    names = Counter(name for names in FAMILIES.values() for name in names)
    assert [name for name, count in names.items() if count > 1] == []
    assert len(FAMILY) > 50


def test_a_gradient_of_0_that_is_not_the_sum_of_its_shares_fails():
    told = json.loads(dzviz.render(dzviz.record(lambda x: x * x, 3.0), "json", full=True))
    for node in told["nodes"]:
        if node.get("name") == "x":
            node["grad"] = 0
    [answer] = dzviz.why(dzviz.load(told)).answers
    assert (answer.state, answer.cause) == ("zero", "not the sum")
    assert answer.fails()
    assert "3 and 3, add up to 6" in answer.sentence


def test_a_gradient_that_was_assigned_after_the_pass_needs_no_cleargrad():
    x = Variable(np.array(2.0), "x")
    y = x * x
    y.backward()
    x.grad = Variable(np.array(5.0))
    [answer] = dzviz.why(y).answers
    assert answer.cause == "other"
    assert "assigned by hand" in answer.sentence
    assert "leave the assignment out" in answer.mend
    y.backward()
    [answer] = dzviz.why(y).answers
    assert answer.cause == "doubled"
    assert "call x.cleargrad() before each pass" in answer.mend


def test_a_gradient_that_is_not_the_sum_of_its_shares_fails_but_where_it_is_allowed():
    told = json.loads(dzviz.render(dzviz.record(lambda x: x * x, 3.0), "json", full=True))
    for node in told["nodes"]:
        if node.get("name") == "x":
            node["grad"] = 5
    [answer] = dzviz.why(dzviz.load(told)).answers
    assert (answer.state, answer.cause) == ("wrong", "not the sum")
    assert answer.fails()
    assert not answer.fails(("wrong",))


def test_the_gradient_of_data_that_has_changed_is_not_measured_by_the_shares_of_now():
    x = Variable(np.array(2.0), "x")
    y = x**3
    y.backward()
    x.data = np.array(5.0)
    [answer] = dzviz.why(y).answers
    assert (answer.state, answer.cause) == ("fine", "derivative")


def test_shares_of_changed_data_are_not_said_to_add_up():
    x, w = Variable(np.array(2.0), "x"), Variable(np.array(4.0), "w")
    y = x * w + x
    y.backward()
    assert "4 and 1 add up, as they should" in dzviz.why(y).answers[0].sentence
    w.data = np.array(5.0)
    assert "add up" not in dzviz.why(y).answers[0].sentence
