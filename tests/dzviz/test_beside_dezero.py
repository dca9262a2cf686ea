"""dzviz beside a `dezero` that is not its own, and with its own in either order: real processes."""

from __future__ import annotations

import ast
import os
import pickle
import re
import subprocess
import sys
from itertools import product
from pathlib import Path

import nbclient
import nbformat
import pytest
from support.docs import ROOT
from support.installed import install

import dezero
from dzviz import engine

PACKAGE = {
    "__init__.py": "from dezero.core import Variable\nfrom dezero.functions import square\n",
    "core.py": """
class Variable:
    def __init__(self, data):
        if type(data).__module__ == "dzviz._dezero.core":
            raise TypeError(f"{type(data)} is not supported")
        self.data, self.creator = data, None
""",
    "functions.py": """
from dezero.core import Variable

def square(x):
    x = x if isinstance(x, Variable) else Variable(x)
    return Variable(x.data * x.data)
""",
}
"""A small `dezero` of somebody else."""

THEIRS = "import dezero\ny = dezero.square(dezero.Variable(3.0))\n"
OURS = """
import dzviz
graph = dzviz.record(lambda x: x * x, 3.0)
picture = dzviz.render(graph, "text").decode()
"""
CHECK = """
assert y.data == 9.0 and not hasattr(dezero, "backward")
assert "x     input" in picture
assert dezero.functions.square is dezero.square
print(dezero.__file__)
"""


def write(folder: Path, files: dict[str, str] = PACKAGE) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    install(folder)
    return folder


@pytest.fixture(params=["checkout", "wheel"])
def site(request: pytest.FixtureRequest) -> Path:
    """The folder from which dzviz is imported; behind that of a wheel there is a checkout, too."""
    return ROOT if request.param == "checkout" else request.getfixturevalue("wheel")


@pytest.fixture
def reader(tmp_path: Path) -> Path:
    """The folder of a reader of the book, with a `dezero` and a step."""
    write(tmp_path / "dezero")
    (tmp_path / "steps").mkdir()
    (tmp_path / "steps/step01.py").write_text(
        "import os, sys\n"
        "sys.path.append(os.path.join(os.path.dirname(__file__), '..'))\n"
        "from dezero import Variable\n"
        "print(Variable.__module__, hasattr(sys.modules['dezero'], 'backward'))\n"
    )
    return tmp_path


def run(site: Path, folder: Path, *arguments: str, code: int = 0) -> subprocess.CompletedProcess:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done


@pytest.mark.parametrize("program", [THEIRS + OURS, OURS + THEIRS], ids=["theirs", "ours"])
def test_a_script_has_both(site: Path, reader: Path, program: str) -> None:
    (reader / "script.py").write_text(program + CHECK)
    done = run(site, reader, "script.py")
    assert done.stdout == f"{reader / 'dezero' / '__init__.py'}\n"
    assert done.stderr == ""


def test_a_notebook_has_both(reader: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)  # It would come before the notebook's folder.
    monkeypatch.setenv("IPYTHONDIR", str(reader / "ipython"))
    cells = [nbformat.v4.new_code_cell(text) for text in (OURS, THEIRS, "dzviz.draw(graph)", CHECK)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    resources = {"metadata": {"path": str(reader)}}
    nbclient.NotebookClient(notebook, timeout=120, resources=resources).execute()
    assert "image/svg+xml" in notebook.cells[2].outputs[0].data
    assert notebook.cells[3].outputs[0].text == f"{reader / 'dezero' / '__init__.py'}\n"


def test_the_command_runs_there(site: Path, reader: Path) -> None:
    command = ("-m", "dzviz", "sin(x)", "--x", "1")
    done = run(site, reader, *command)
    assert done.stderr == ""
    assert done.stdout == run(site, reader.parent, *command).stdout


def test_a_step_that_gets_ours_is_told_how_to_have_the_other(site: Path, reader: Path) -> None:
    step = reader / "steps" / "step01.py"
    done = run(site, reader.parent, str(step))
    assert done.stdout == "dezero.core True\n"
    warned, line = done.stderr.splitlines()
    assert warned.startswith(f"{step}:3: UserWarning: ")
    assert line.strip() == "from dezero import Variable"
    assert f"in {site}; " in warned
    assert f"another one in {reader}. " in warned
    advice = re.search(r"sys\.path\.insert\(.*\)", warned)
    assert advice
    text = step.read_text()
    step.write_text(text.replace("from dezero", f"{advice[0]}\nfrom dezero"))
    done = run(site, reader.parent, str(step))
    assert (done.stdout, done.stderr) == ("dezero.core False\n", "")


def test_a_module_dezero_is_another_too(site: Path, tmp_path: Path) -> None:
    (tmp_path / "dezero.py").write_text("")
    program = f"import sys; sys.path.append({str(tmp_path)!r}); import dezero; import dezero.utils"
    done = run(site, tmp_path.parent, "-c", program)
    assert done.stderr.count("UserWarning") == 1


def test_copies_of_ours_are_no_others(wheel: Path, tmp_path: Path) -> None:
    for first, second in ((ROOT, wheel), (wheel, ROOT)):
        program = f"import sys; sys.path.append({str(second)!r}); import dezero, dzviz.python.api"
        assert run(first, tmp_path, "-W", "error", "-c", program).stderr == ""


def test_our_files_may_be_replaced(tmp_path: Path) -> None:
    site, folder = tmp_path / "site", tmp_path / "folder"
    folder.mkdir()
    install(site)
    write(site / "dezero")
    for program in (THEIRS + OURS + CHECK, OURS + THEIRS + CHECK):
        assert run(site, folder, "-c", program).stdout == f"{site / 'dezero' / '__init__.py'}\n"
    assert "sin" in run(site, folder, "-m", "dzviz", "sin(x)", "--x", "1").stdout


SAME = """
import os, sys
from importlib import import_module
{first}
{second}
files = {{}}
for name, module in list(sys.modules.items()):
    if name.split(".")[0] == "dezero":
        assert module is import_module("dzviz._" + name), name
    if getattr(module, "__file__", None):
        files.setdefault(module.__file__, set()).add(id(module))
for name in {modules}:
    assert import_module("dezero" + name) is import_module("dzviz._dezero" + name), name
for name, module in list(sys.modules.items()):
    if getattr(module, "__file__", None):
        files.setdefault(module.__file__, set()).add(id(module))
assert [file for file, ids in files.items() if len(ids) > 1 and "dezero" in file] == []
assert isinstance(dezero.functions.sin(1.0), dzviz.engine.Variable)
dezero.is_simple_core = True
assert dezero.Variable is dezero.core_simple.Variable
assert dzviz.engine.Variable is dezero.core.Variable
dezero.utils.plot_dot_graph(dezero.functions.sin(1.0), to_file="y.dot")
assert os.path.getsize("y.dot")
"""
MODULES = [
    "." + ".".join(path.relative_to(ROOT / "dezero").with_suffix("").parts)
    for path in (ROOT / "dezero").rglob("*.py")
    if path.name != "__init__.py"
]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("import dezero", "import dzviz.engine, dzviz.python.api"),
        ("import dzviz.python.api", "import dezero"),
        ("import dzviz.python.api", "import dezero.numeric"),
        ("import dezero.core_simple", "import dzviz._dezero.functions.shaping, dzviz.engine"),
        (
            "import dzviz._dezero.functions.shaping, dzviz.engine",
            "from dezero import core_simple; import dezero",
        ),
    ],
)
def test_there_is_one_copy_in_either_order(
    site: Path, tmp_path: Path, first: str, second: str
) -> None:
    assert len(MODULES) > 10
    run(site, tmp_path, "-c", SAME.format(first=first, second=second, modules=["", *MODULES]))


ORDERS = [
    "import dezero, dzviz.engine",
    "import dzviz.python.api",
    "import dzviz.python.api, dezero",
]
DUMP = """
import pickle, sys
from dzviz.engine import Variable, DetachedError, compare, functions
import numpy as np
things = [Variable(np.array(3.0), "x"), DetachedError("words"), compare, functions.Sin, Variable]
pickle.dump(things, open("things.pickle", "wb"))
"""
LOAD = """
import pickle
x, error, *rest = pickle.load(open("things.pickle", "rb"))
from dzviz.engine import Variable, DetachedError, compare, functions
assert type(x) is Variable and (x.name, float(x.data)) == ("x", 3.0)
assert type(error) is DetachedError and error.args == ("words",)
assert rest == [compare, functions.Sin, Variable]
"""


@pytest.mark.thorough
@pytest.mark.parametrize("dump", ORDERS)
def test_a_pickle_is_read_in_every_order(site: Path, tmp_path: Path, dump: str) -> None:
    run(site, tmp_path, "-c", dump + DUMP)
    for load in ("", *ORDERS):
        run(site, tmp_path, "-c", load + LOAD)


@pytest.mark.thorough
def test_a_pickle_goes_between_a_wheel_and_a_checkout(wheel: Path, tmp_path: Path) -> None:
    for order, (one, other) in product(ORDERS, [(wheel, ROOT), (ROOT, wheel)]):
        run(one, tmp_path, "-c", order + DUMP)
        run(other, tmp_path, "-c", LOAD)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("dezero.square(x.data)", "returned a Variable of another dezero (dezero/__init__.py)"),
        ("dezero.square(x)", "is not supported (dezero/core.py, line 5, in __init__)"),
    ],
)
def test_a_function_on_another_dezero(site: Path, reader: Path, body: str, message: str) -> None:
    (reader / "model.py").write_text(f"import dezero\ndef f(x): return {body}\n")
    command = ("-m", "dzviz", "--py-function", "model.py:f", "--x", "1")
    error, hint = run(site, reader, *command, code=4).stderr.splitlines()
    assert message in error
    assert hint == "hint: dzviz computes with its own: use NumPy's functions on the arguments"


def test_every_name_is_the_engines() -> None:
    tree = ast.parse(Path(engine.__file__).read_text())
    names = [
        (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("dezero")
        for alias in node.names
    ]
    assert len(names) > 20
    for module, name in names:
        home = sys.modules[module]
        assert getattr(engine, name) is getattr(home, name), name
    with pytest.raises(AttributeError, match=r"'dzviz\.engine' has no attribute 'nothing'"):
        engine.nothing  # noqa: B018 -- its lookup is the test
    assert engine.other_dezero() is None
    assert pickle.loads(pickle.dumps(engine.Variable)) is dezero.Variable


def test_all_of_dzviz_takes_the_engine_from_there() -> None:
    files = [*(ROOT / "dzviz").rglob("*.py"), *(ROOT / "tools").rglob("*.py")]
    found = {
        file.relative_to(ROOT).as_posix()
        for file in files
        if re.search(r"^\s*(from|import) dezero\b", file.read_text(), re.MULTILINE)
    }
    assert found == {
        "dzviz/engine.py",
        "tools/contenders.py",  # and there the book's
        "tools/fuzzing/inputs.py",  # which makes Functions of a user's own
        "tools/gradcheck_rates.py",  # which is about the engine alone
    }


def test_the_engine_has_the_names_that_type_checkers_see():
    seen = {}
    for node in ast.walk(ast.parse(Path(engine.__file__).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("dezero"):
            seen |= {each.name: node.module for each in node.names}
    modules = {"core", "functions"}
    homes = {name: f"dezero.{home}" for name, home in engine._HOMES.items()}
    assert homes == {name: home for name, home in seen.items() if name not in modules}
    for name in seen:
        getattr(engine, name)
    with pytest.raises(AttributeError, match=r"'dzviz\.engine' has no attribute 'nothing'"):
        engine.nothing  # noqa: B018
