"""Functions of JAX on the command line, in processes of their own."""

import json
import os
import subprocess
import sys

import pytest
from support.docs import ROOT

MODEL = """
import jax
import jax.numpy as jnp
import numpy as np

params = {"w": np.array([[0.5, -0.3, 0.2], [0.1, 0.8, -0.6]]), "b": np.zeros(3)}


def loss(x, t):
    logits = jnp.tanh(x @ params["w"] + params["b"])
    return -jax.nn.log_softmax(logits)[t]


def masked(x):
    return jnp.sum(jnp.where(x > 0, jnp.log(x), 0.0))


scale = jnp.array(3.0)


def captured(x):
    return x * scale


def plain(x):
    return np.sin(x) * x


def method(x):
    return x.at[0].set(2.0)


@jax.jit
def branch(x):
    return x if x > 0 else -x
"""


@pytest.fixture
def dzviz(tmp_path):
    (tmp_path / "model.py").write_text(MODEL)

    def run(*words, code=0, **env):
        done = subprocess.run(
            [sys.executable, "-m", "dzviz", *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **env},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


def drawn(run, name, *words, **options):
    return run("draw", "--py-function", f"model.py:{name}", *words, **options)


def test_a_function_of_a_file(dzviz):
    words = ("--backend", "jax", "--x", "[1,2]", "--t", "int(2)", "-T", "json")
    done = drawn(dzviz, "loss", *words, JAX_ENABLE_X64="1")
    nodes = {node["name"]: node for node in json.loads(done.stdout)["nodes"] if node.get("name")}
    assert nodes["t"]["dtype"] == "int64"
    assert nodes["t"]["grad_note"] == "float0"
    assert nodes["params['w']"]["grad"] is not None
    assert "model.py:loss is computed by JAX" in done.stderr
    assert "float32" not in done.stderr


def test_its_rules_cannot_be_read_as_equations(dzviz):
    words = ("--py-function", "model.py:loss", "--backend", "jax", "--x", "[1,2]", "--t", "int(2)")
    done = dzviz("explain", *words, code=2)
    assert done.stdout == ""
    assert "there are no rules to read" in done.stderr


def test_the_precision_is_said(dzviz):
    done = drawn(dzviz, "loss", "--x", "[1,2]", "--t", "int(2)", "-T", "text")
    assert "2.302 float32" in done.stdout
    assert "values are float32, since jax_enable_x64 is off" in done.stderr


def test_what_merely_imports_jax_is_computed_with_numpy(dzviz):
    done = drawn(dzviz, "plain", "--x", "2", "-T", "text")
    assert done.stderr == ""
    assert "float32" not in done.stdout


@pytest.mark.parametrize("name", ["masked", "method", "captured"])
def test_jax_is_met(dzviz, name):
    done = drawn(dzviz, name, "--x", "[1,0]", "-T", "text")
    assert f"model.py:{name} is computed by JAX" in done.stderr


def test_the_infinity_and_the_nan_of_where(dzviz):
    done = drawn(dzviz, "masked", "--x", "[1,0]", "-T", "text", JAX_ENABLE_X64="1")
    assert "x     input                [1, 0]         [1, NaN]" in done.stdout
    where = "first infinity: log (model.py:15), 1 of 2 elements, first at [1], where x = 0.0"
    assert where in done.stderr


def test_errors_are_told_by_their_lines(dzviz):
    done = drawn(dzviz, "branch", "--x", "1", "-T", "text", code=4)
    assert "model.py, line 35" in done.stderr
    assert "hint: inside jax.jit, vmap, scan and similar functions, use jnp.where" in done.stderr


def test_numpy_may_be_said(dzviz):
    done = drawn(dzviz, "masked", "--x", "[1,0]", "--backend", "numpy", code=4)
    assert "is not a valid JAX" in done.stderr


def test_what_is_for_our_own_engine_alone_is_refused(dzviz):
    drawn(dzviz, "masked", "--x", "1", "--order", "2", code=2)
    done = dzviz("gradcheck", "--py-function", "model.py:masked", "--x", "1", code=2)
    assert "hint: there is jax.test_util.check_grads" in done.stderr


def test_without_backward(dzviz):
    done = drawn(dzviz, "masked", "--x", "[1,2]", "--no-backward", "-T", "text")
    assert "grad = " not in done.stdout
    assert "seed" not in done.stdout


def test_pages_and_pictures(dzviz, tmp_path):
    words = ("--backend", "jax", "--x", "[1,2]", "--t", "int(2)")
    drawn(dzviz, "loss", *words, "-o", "loss.html")
    drawn(dzviz, "loss", *words, "-o", "loss.svg")
    assert "log_softmax" in (tmp_path / "loss.html").read_text()
    assert "log_softmax" in (tmp_path / "loss.svg").read_text()


def test_dzviz_itself_imports_no_jax():
    code = "import sys, dzviz; dzviz.draw; dzviz.record; print('jax' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
    words = ["draw", "sin(x)", "--x", "1", "-T", "text"]
    code = f"import sys; from dzviz.cli.main import run; run({words}); print('jax' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.endswith("\nFalse\n")


def test_a_version_that_nobody_has_tried_is_warned_of(monkeypatch):
    import dzviz
    from dzviz.sources.backends import BACKENDS

    backend = BACKENDS["jax"]
    monkeypatch.setitem(BACKENDS, "jax", backend._replace(tested=("0.1", "0.2")))
    with pytest.warns(dzviz.DzvizWarning, match=r"newer than 0\.2, the latest version that dzviz"):
        dzviz.record(lambda x: x * 2, 1.0, backend="jax")
