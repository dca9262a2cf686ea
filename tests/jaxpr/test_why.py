"""Every fault that is planted in a program is answered with its cause, and sound ones with none."""

import jax
import jax.numpy as jnp
from support.asked import blamed, wrong_answers
from support.jax_faults import FAULTS, SOUND
from support.schemas import ANSWERS, answered

import dzviz

PROGRAM = """
import jax
import jax.numpy as jnp


def loss(x, w):
    return jnp.sum(jax.nn.log_softmax(jnp.tanh(x)) * jax.lax.stop_gradient(w))
"""


def test_each_fault_has_its_cause():
    assert len(FAULTS) > 30
    wrong = wrong_answers(FAULTS, zeros=("cut", "not reached"))
    assert not wrong, "\n".join(wrong)


def test_nothing_is_blamed_in_sound_programs():
    assert blamed(SOUND) == []


def test_a_function_of_arrays_is_asked_in_python():
    def loss(x, w):
        return jnp.sum(x * jax.lax.stop_gradient(w))

    answers = dzviz.why(loss, jnp.array([1.0, 2.0]), jnp.array([3.0, 4.0])).answers
    assert [(a.name, a.state, a.cause) for a in answers] == [
        ("x", "fine", "derivative"),
        ("w", "zero", "cut"),
    ]


def test_the_json_of_all_answers_is_as_its_schemas_say(capsys, tmp_path):
    path = tmp_path / "net.py"
    path.write_text(PROGRAM)
    words = (
        "--py-function",
        f"{path}:loss",
        "--backend",
        "jax",
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
