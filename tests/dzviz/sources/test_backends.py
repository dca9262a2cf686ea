"""Which package computes a function: chosen by name, by what its module uses, by what it meets."""

import subprocess
import sys

import numpy as np
import pytest
from support.tools import BACKENDS as ELSEWHERE

import dzviz
from dzviz.errors import UsageError
from dzviz.pipeline import read_value
from dzviz.sources import SOURCES, backends
from dzviz.sources.backends import BACKENDS, CHOICES, Backend, named_backend
from dzviz.sources.function import load


def run(*args, cwd=None):
    command = [sys.executable, "-m", "dzviz", *args]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd)


def test_each_backend_is_a_source_with_all_that_is_asked_for():
    assert ("auto", "numpy", *BACKENDS) == CHOICES
    for name in BACKENDS:
        code = SOURCES[name].code
        for part in ("recognises", "graph", "function_of", "meets", "engine", "record"):
            assert callable(getattr(code, part)), (name, part)


def test_nothing_of_a_backend_is_imported_before_it_is_needed():
    code = (
        "import sys, dzviz; from dzviz.__main__ import program; dzviz.record, dzviz.watch\n"
        "import dzviz.sources.backends, dzviz.sources.pytorch\n"
        "sys.argv = ['dzviz', 'sin(x)', '--x', '1']\n"
        "try: program()\n"
        "except SystemExit: pass\n"
        f"assert not {set(ELSEWHERE)} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", BACKENDS)
def test_what_is_not_installed_is_told_with_the_way_to_get_it(name, monkeypatch, tmp_path):
    row = BACKENDS[name]._replace(package="not-a-package-of-anybody")
    monkeypatch.setitem(BACKENDS, name, row)
    (tmp_path / "m.py").write_text("def f(x):\n    return x\n", "utf-8")
    with pytest.raises(UsageError, match=f"the backend {name} needs") as caught:
        load(f"{tmp_path / 'm.py'}:f", None, backends.Settings(name))
    assert caught.value.hint == f"pip install 'dzviz[{name}]'"


def test_an_old_version_is_refused_and_an_untried_one_warned_of(monkeypatch):
    row = Backend("torch", "PyTorch", "numpy", ("99.0", "99.1"), "check")
    with pytest.raises(UsageError, match=r"needs PyTorch 99\.0 or newer, and this is"):
        row.require()
    assert not row.untried("99.1.5")
    assert not row.untried("98.2+cpu")
    assert "newer than 99.1" in row.untried("99.2.0")[0]
    assert "newer than 99.1" in row.untried("100.0")[0]


def test_an_unknown_backend(tmp_path):
    with pytest.raises(UsageError, match="there is no backend 'torhc'") as caught:
        named_backend("torhc")
    assert caught.value.hint == "did you mean torch?"
    (tmp_path / "m.py").write_text("def f(x):\n    return x * x\n", "utf-8")
    done = run("--py-function", "m.py:f", "--x", "2", "--backend", "cupy", cwd=tmp_path)
    assert done.returncode == 2
    assert "'cupy'" in done.stderr
    assert "torch" in done.stderr


@pytest.mark.parametrize("option", ["--backend", "--dtype"])
def test_expressions_have_no_backend(option):
    done = run("sin(x)", "--x", "1", option, "numpy")
    assert done.returncode == 2
    assert f"{option} is for functions of Python files" in done.stderr


FAKE = """
class Array:
    def __init__(self, number=0.0):
        self.number = number

def wave(x):
    raise TypeError("x is no array of fake")
"""

USING = """
import numpy as np
import fakearrays
{more}

def plain(x):
    return np.sin(x)

def met(x):
    return fakearrays.wave(x)
"""


@pytest.fixture
def fakes(monkeypatch, tmp_path):
    """Two backends whose arrays raise errors; they are met by the words of these."""

    class Code:
        @staticmethod
        def meets(thing):
            return "fake" in str(thing)

        @staticmethod
        def function_of(thing, settings):
            return None

    class Fake(Backend):
        __slots__ = ()
        code = Code

    for name in ("fakearrays", "otherarrays"):
        (tmp_path / f"{name}.py").write_text(FAKE, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    rows = {n: Fake(n, n.title(), n, ("1", "2"), "") for n in ("fakearrays", "otherarrays")}
    monkeypatch.setattr(backends, "BACKENDS", rows)
    yield tmp_path
    for name in rows:
        sys.modules.pop(name, None)


def test_auto_stays_with_numpy_where_no_array_is_met(fakes):
    (fakes / "uses.py").write_text(USING.format(more=""), "utf-8")
    function = load(f"{fakes / 'uses.py'}:plain")
    assert [b.name for b in function.candidates] == ["fakearrays"]
    made = function.evaluate({"x": np.array(1.0)})
    assert made.engine is None
    assert made.outputs[0].data == np.sin(1.0)


def test_auto_asks_where_two_may_be_meant(fakes):
    (fakes / "both.py").write_text(USING.format(more="import otherarrays"), "utf-8")
    function = load(f"{fakes / 'both.py'}:met")
    with pytest.raises(UsageError, match="may be computed by Fakearrays and Otherarrays") as caught:
        function.evaluate({"x": np.array(1.0)})
    assert caught.value.hint == "say which: --backend fakearrays or --backend otherarrays"
    assert load(f"{fakes / 'both.py'}:plain").evaluate({"x": np.array(1.0)}).engine is None


@pytest.mark.parametrize("backend", ["auto", "numpy"])
def test_numpy_takes_no_dtype(fakes, backend):
    (fakes / "uses.py").write_text(USING.format(more=""), "utf-8")
    settings = backends.Settings(backend, "float32")
    function = load(f"{fakes / 'uses.py'}:plain", None, settings)
    with pytest.raises(UsageError, match="--dtype is for PyTorch and JAX, but neither computes"):
        function.evaluate({"x": np.array(1.0)})


def test_with_numpy_no_other_is_thought_of(fakes):
    (fakes / "uses.py").write_text(USING.format(more=""), "utf-8")
    settings = backends.Settings("numpy")
    assert load(f"{fakes / 'uses.py'}:met", None, settings).candidates == ()


def test_whole_numbers_as_values():
    value = read_value("t", "int([0, 2])", 0)
    assert value.dtype == np.int64
    assert value.tolist() == [0, 2]
    with pytest.raises(UsageError, match=r"int\(\) takes whole numbers"):
        read_value("t", "int(1.5)", 0)
    with pytest.raises(UsageError, match=r"int\(\) takes whole numbers"):
        read_value("t", "int([2e19])", 0)


def test_record_has_names_and_a_dtype_for_backends_alone():
    with pytest.raises(UsageError, match="named and dtype only work with a backend"):
        dzviz.record(lambda x: x * x, 1.0, named={"w": 1.0})
