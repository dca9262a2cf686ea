"""Every fault that is planted in a program is answered with its cause, and sound ones with none."""

import torch
from support.asked import blamed, wrong_answers
from support.schemas import ANSWERS, answered
from support.torch_faults import FAULTS, SOUND, twice_run, watched_faults
from torch import nn

import dzviz

PROGRAM = """
import torch
from torch import nn

net = nn.Sequential(nn.Linear(80, 80), nn.Tanh())


def loss(x, w):
    return (net(x) * w.detach()).sum()
"""


def test_each_fault_has_its_cause():
    faults = (*FAULTS, twice_run(), *watched_faults())
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


def test_the_json_of_all_answers_is_as_its_schemas_say(capsys, tmp_path):
    path = tmp_path / "net.py"
    path.write_text(PROGRAM)
    words = (
        "--py-function",
        f"{path}:loss",
        "--backend",
        "torch",
        "--x",
        "rand(90, 80)",
        "--w",
        "2",
    )
    for command in ANSWERS:
        told = answered(capsys, command, *words)
        if command == "flow":
            assert told["frames"]
            assert told["unknown"] == []
            gains = {(gain["came"], gain["sent"]) for gain in told["gains"]}
            norm = (90 * 80) ** 0.5  # of the ones that came to what was summed
            assert any(abs(came - norm) < 1e-3 for came, _ in gains)
