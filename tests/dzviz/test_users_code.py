"""Users' code beside ours: what it is called, what it raises, what it prints, what it returns."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dzviz.cli.main import run

ROOT = Path(__file__).parents[2]

OTHERS = ("PIL", "click", "reportlab", "resvg_py", "svglib", "ttf_opensans", "wasmtime", "wcwidth")
"""Packages that we load when they are needed."""

RAISED = {
    "BaseException": "BaseException('b')",
    "GeneratorExit": "GeneratorExit()",
    "CancelledError": "asyncio.CancelledError()",
    "BaseExceptionGroup": "BaseExceptionGroup('g', [BaseException()])",
    "SystemExit": "SystemExit(0)",
    "StopIteration": "StopIteration()",
    "Exits": "Exits()",
    "Mute": "Mute()",
}
MODEL = """
import asyncio, sys
import numpy as np
from dezero import Function
class Exits(Exception):
    def __str__(self): sys.exit(0)
class Mute(Exception):
    __str__ = None
def fail(): raise {error}
class F(Function):
    def forward(self, x):
        return {forward}
    def backward(self, gy):
        return {backward}
    @property
    def label(self): return {label}
def f(x): return F()(x) * 2
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def started(*args, **options):
    """Run the command as a process of its own, which finds dzviz without the current folder."""
    code = "import sys; from dzviz.__main__ import program; program()"
    return subprocess.run(
        [sys.executable, "-P", "-c", code, *args],
        env={**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})},
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def model(folder, error="Exception()", **places):
    where = {"forward": "x", "backward": "gy", "label": "'F'", **places}
    (folder / "model.py").write_text(MODEL.format(error=error, **where))


@pytest.mark.parametrize(
    "style", ["", "import os, sys\nsys.path.insert(0, os.path.dirname(__file__))\n"]
)
def test_no_file_beside_it_stands_in_our_way(folder, style):
    for name in {*sys.stdlib_module_names, *OTHERS} - {"__main__"}:
        (folder / f"{name}.py").write_text("raise SystemExit(f'{__file__} was loaded')\n")
    (folder / "mine.py").write_text("import numpy as np\ndef twice(x): return np.sin(x) * 2\n")
    (folder / "model.py").write_text(f"{style}from mine import twice\ndef f(x): return twice(x)\n")
    done = started("--py-function", "model.py:f", "--x", "1", "-o", "a.html")
    assert (done.returncode, done.stderr) == (0, "")
    done = started("--py-function", "model.py:f", "--x", "1", "-o", "é.pdf", "--title", "é")
    assert (done.returncode, done.stderr) == (0, "")
    done = started("--py-function", "model.py:f", "--x", "1", "--wy", "1")
    assert (done.returncode, done.stderr.count("\n")) == (2, 2)


@pytest.mark.parametrize("name", ["PIL", "wasmtime", "html"])
def test_a_model_of_that_name_does_neither(folder, name):
    (folder / f"{name}.py").write_text("def f(x): return x * 2\n")
    done = started("--py-function", f"{name}.py:f", "--x", "1", "-o", "a.gif")
    assert (done.returncode, done.stderr) == (0, "")


def test_what_it_may_import_it_finds_in_every_call(folder):
    (folder / "mine.py").write_text("two = 2\n")
    (folder / "model.py").write_text("def f(x):\n    from mine import two\n    return x * two\n")
    before = list(sys.path)
    assert run(["grad", "--py-function", "model.py:f", "--x", "1"]) == 0
    assert sys.path == before
    sys.modules.pop("mine")


@pytest.mark.parametrize("place", ["forward", "backward", "label"])
@pytest.mark.parametrize("kind", RAISED)
def test_whatever_it_raises_is_one_line(folder, capsys, kind, place):
    model(folder, RAISED[kind], **{place: "fail()"})
    assert run(["--py-function", "model.py:f", "--x", "1", "-o", "a.svg"]) == 4
    said = capsys.readouterr().err
    assert said.startswith("dzviz: error: ")
    assert f" raised {kind}" in said
    assert "model.py, line" in said
    assert said.count("\n") == 1
    assert not (folder / "a.svg").exists()


@pytest.mark.parametrize("place", ["forward", "backward"])
def test_gradcheck_and_trace_tell_it_too(folder, capsys, place):
    model(folder, "GeneratorExit()", **{place: "fail()"})
    for command in ("grad", "trace", "gradcheck"):
        assert run([command, "--py-function", "model.py:f", "--x", "1"]) == 4
        assert "raised GeneratorExit" in capsys.readouterr().err


def test_what_it_raises_while_it_is_loaded(folder, capsys):
    (folder / "model.py").write_text("def __getattr__(name): raise BaseException('no')\n")
    assert run(["--py-function", "model.py:f", "--x", "1"]) == 4
    assert "loading model.py raised BaseException: no (model.py, line 1" in capsys.readouterr().err


def test_a_keyboard_interrupt_of_its_own_is_no_signal(folder):
    model(folder, "KeyboardInterrupt()", backward="fail()")
    done = started("--py-function", "model.py:f", "--x", "1")
    assert (done.returncode, done.stdout) == (4, "")
    assert "raised KeyboardInterrupt" in done.stderr


def test_a_signal_in_it_still_ends_the_process(folder):
    (folder / "model.py").write_text(
        "import os, signal\ndef f(x):\n    os.kill(os.getpid(), signal.SIGINT)\n    return x * 2\n"
    )
    done = started("--py-function", "model.py:f", "--x", "1")
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


LOUD = """
import atexit, os, subprocess, sys, threading, time
atexit.register(lambda: print("said at the end"))
def late():
    while threading.main_thread().is_alive():
        time.sleep(0.01)
    print("said by a thread", flush=True)
threading.Thread(target=late).start()
def f(x):
    os.write(1, b"said by os\\n")
    sys.__stdout__.write("said by python\\n")
    subprocess.run(["echo", "said by a child"])
    print("said", flush=True)
    return x * 2
"""


@pytest.mark.parametrize("args", [["-T", "json"], ["-T", "json", "-o", "/dev/stdout"]], ids=str)
def test_nothing_that_it_prints_is_among_results(folder, args):
    (folder / "model.py").write_text(LOUD)
    done = started("--py-function", "model.py:f", "--x", "1", *args)
    assert json.loads(done.stdout)["schema"] == "dzviz/graph/1"
    assert done.returncode == 0
    assert sorted(done.stderr.splitlines()) == [
        "said",
        "said at the end",
        "said by a child",
        "said by a thread",
        "said by os",
        "said by python",
    ]


def test_nothing_that_documents_code_prints_is_among_differences(folder):
    (folder / "model.py").write_text(LOUD)
    (folder / "a.md").write_text("<!-- dzviz --py-function model.py:f --x 1 -->\n<!-- /dzviz -->\n")
    done = started("embed", "--allow-python", "--diff", "a.md")
    assert "said" not in done.stdout
    assert done.stdout.startswith("--- a.md\n")


def test_help_of_a_function_is_on_stdout(folder):
    model(folder)
    done = started("--py-function", "model.py:f", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "--x VALUE" in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_stdout_is_told_beside_users_code(folder):
    model(folder)
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "dzviz", "--py-function", "model.py:f", "--x", "1"],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 6
    assert done.stderr == "dzviz: error: cannot write to stdout: No space left on device\n"


@pytest.mark.parametrize("command", ["draw", "grad", "gradcheck", "trace"])
def test_a_complex_gradient_is_refused(folder, capsys, command):
    model(folder, backward="np.array([1j, 2])")
    assert run([command, "--py-function", "model.py:f", "--x", "[1, 2]"]) == 4
    captured = capsys.readouterr()
    assert "the backward of F returned a complex gradient for input 0" in captured.err
    assert captured.out == ""


@pytest.mark.parametrize("format", ["json", "text", "dot", "svg", "mermaid", "alt"])
@pytest.mark.parametrize("x", ["1", "[1, 2]"])
def test_long_doubles_are_refused(folder, capsys, format, x):
    (folder / "model.py").write_text(
        "import numpy as np\n"
        "def f(x): return np.multiply(x, np.longdouble(2))\n"
        "def g(x): return np.sum(np.multiply(x, np.longdouble(2)) * np.float64(0))\n"
    )
    for name in "fg":
        assert run(["--py-function", f"model.py:{name}", "--x", x, "-T", format]) == 4
        captured = capsys.readouterr()
        assert captured.err == (
            "dzviz: error: a picture can only show numbers of up to 64 bits, "
            "not data of type float128\n"
        )
        assert captured.out == ""
    for order in ([], ["--order", "1"]):
        assert run(["trace", "--py-function", "model.py:f", "--x", x, "-T", "json", *order]) == 4


SPOILS = {
    "errors of NumPy's": "import numpy as np; np.seterr(all='raise')",
    "errors of warnings": "import warnings; warnings.simplefilter('error')",
    "a low stack": "sys.setrecursionlimit(60)",
    "no stderr": "sys.stderr = None",
    "a closed stderr": "sys.stderr.close()",
    "no stdout": "sys.stdout = None",
    "a closed stdout": "sys.stdout.close(); os.close(1)",
    "no path": "sys.path.clear()",
    "no arguments": "sys.argv.clear()",
    "no folder": "os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')",
    "no environment": "os.environ.clear()",
}


@pytest.mark.parametrize("spoiled", SPOILS)
def test_what_it_spoils_is_put_back(folder, spoiled):
    (folder / "model.py").write_text(
        f"import os, sys\nimport numpy as np\ndef f(x):\n    {SPOILS[spoiled]}\n    return x * 1\n"
        f"def g(x):\n    {SPOILS[spoiled]}\n    raise ValueError('no')\n"
    )
    done = started(
        "--py-function", "model.py:f", "--x", "[1e308, 1e308, 1e308]", "--max-elements", "2"
    )
    assert done.returncode == 0
    assert "digraph" in done.stdout
    assert "Traceback" not in done.stderr
    done = started("--py-function", "model.py:g", "--x", "1")
    assert (done.returncode, done.stdout) == (4, "")
    assert "raised ValueError: no" in done.stderr
    assert done.stderr.count("\n") == 1


def test_no_error_of_its_own_is_one_of_ours(folder, capsys):
    error = "type('E', (__import__('dzviz').DzvizError,), {'exit_code': 0})('no')"
    model(folder, error, forward="fail()")
    assert run(["--py-function", "model.py:f", "--x", "1"]) == 4
    assert "raised E: no" in capsys.readouterr().err


@pytest.mark.parametrize(
    "odd", ["y.creator = 5", "y.creator = x", "y.creator.inputs = 3", "del y.creator"]
)
@pytest.mark.parametrize("command", [[], ["grad"], ["trace"], ["gradcheck"]], ids=str)
def test_what_it_leaves_in_its_variables_is_one_line(folder, capsys, command, odd):
    model(folder)
    code = (
        (folder / "model.py")
        .read_text()
        .replace(
            "def f(x): return F()(x) * 2", f"def f(x):\n    y = F()(x)\n    {odd}\n    return y"
        )
    )
    (folder / "model.py").write_text(code)
    assert run([*command, "--py-function", "model.py:f", "--x", "1"]) == 4
    said = capsys.readouterr()
    assert said.out == ""
    doing = "calling" if odd.startswith("del") else "drawing"
    assert said.err.startswith(f"dzviz: error: {doing} model.py:f raised ")
    assert said.err.count("\n") == 1
