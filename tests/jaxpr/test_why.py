"""Every fault that is planted in a program is answered with its cause, and sound ones with none."""

import jax
import jax.numpy as jnp
from support.asked import blamed, wrong_answers
from support.jax_faults import FAULTS, SOUND

import dzviz


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
