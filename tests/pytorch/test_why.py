"""Every fault that is planted in a program is answered with its cause, and sound ones with none."""

import torch
from support.asked import blamed, wrong_answers
from support.torch_faults import FAULTS, SOUND, twice_run
from torch import nn

import dzviz


def test_each_fault_has_its_cause():
    faults = (*FAULTS, twice_run())
    assert len(faults) > 40
    wrong = wrong_answers(faults)
    assert not wrong, "\n".join(wrong)


def test_nothing_is_blamed_in_sound_programs():
    assert blamed(SOUND) == []


def test_a_function_of_tensors_is_asked_in_python():
    def loss(x, w):
        return (x * w.detach() + b).sum()

    b = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    x, w = (torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True) for _ in range(2))
    answers = {answer.name: answer for answer in dzviz.why(loss, x, w).answers}
    assert {name: answer.cause for name, answer in answers.items()} == {
        "x": "derivative",
        "w": "cut",
        "b": "derivative",
    }
    assert "detach (" in answers["w"].sentence
    assert dzviz.why(nn.Linear(2, 1), torch.ones(2)).fails is False
