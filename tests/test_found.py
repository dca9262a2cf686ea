"""What fuzzing once found stays mended; and the rounds of fuzzing still find mistakes."""

import base64
import contextlib
import json
import os
import random
import re
import runpy
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from fuzzing import inputs, trials
from fuzzing.dice import SOURCES, Tally
from fuzzing.kept import found
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.thorough

TOOLS = Path(__file__).parents[1] / "tools"
FUZZ = runpy.run_path(str(TOOLS / "fuzz.py"))
ROUNDS = FUZZ["ROUNDS"]
CASES = list(found())


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


def test_something_was_found():
    assert len(CASES) >= 3


@pytest.mark.parametrize(("name", "case"), CASES, ids=lambda part: json.dumps(part)[:60])
def test_what_was_found_stays_mended(name, case):
    ROUNDS[name].trial({key: part for key, part in case.items() if key != "problem"})


@pytest.mark.parametrize("name", ["text", "values", "command", "files", "documents", "functions"])
def test_a_few_cases_of_each_round(name):
    dice = random.Random(7)
    words = {ROUNDS[name].trial(ROUNDS[name].make(dice)) for _ in range(60)}
    assert len(words) > 1


@pytest.mark.parametrize("name", ["text", "values", "command"])
def test_hypothesis_finds_nothing_in_a_few(name):
    @settings(
        max_examples=60,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.randoms(use_true_random=False))
    def examples(dice):
        words.add(ROUNDS[name].trial(ROUNDS[name].make(dice)))

    words = set()
    examples()
    assert len(words) > 1


def test_a_command_that_says_two_things_is_found(monkeypatch, capsys):
    def run(args):
        print("result")
        return 3

    monkeypatch.setattr(trials.cli, "run", run)
    with pytest.raises(AssertionError):
        trials.try_command({"args": ["x"]})


def test_a_document_that_reads_outside_is_found(monkeypatch):
    command = '<!-- dzviz "x" --x @link.csv -T text -->\n<!-- /dzviz -->\n'
    case = {"name": "a.md", "text": command}
    assert inputs.try_documents(case) == "refused"
    monkeypatch.setattr(
        "dzviz.documents.trust.below",
        lambda file, folder, root: file._replace(path=os.path.join(folder, file.name)),
    )
    with pytest.raises(AssertionError, match="outside was read"):
        inputs.try_documents(case)


def test_a_traceback_of_a_file_is_found(monkeypatch):
    case = {"name": "w.csv", "key": "", "data": base64.b85encode(b"1,2").decode()}
    assert inputs.try_files(case) == "read"
    monkeypatch.setattr(inputs, "read_array", lambda file: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        inputs.try_files(case)


def test_a_function_that_ends_the_command_is_found(monkeypatch):
    source = inputs.MODEL.format(**{**inputs.HARMLESS, "forward": "raise SystemExit(0)"})
    case = {"source": source, "args": ["--py-function", "m.py:f", "--x", "1", "-T", "dot"]}
    assert inputs.try_functions(case) == "exit 4"
    monkeypatch.setattr("dzviz.sources.function.errors_of", lambda *_: contextlib.nullcontext())
    with pytest.raises(AssertionError):
        inputs.try_functions(case | {"source": source.replace("SystemExit(0)", "SystemExit(1)")})


@pytest.mark.parametrize("source", ["seed", "hypothesis"])
def test_a_mistake_is_kept_by_each_source(source, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("fuzzing.kept.FOUND", tmp_path)

    def broken(case):
        assert len(case["text"]) < 4, "too long"
        return "short"

    tally = Tally("text", ROUNDS["text"].make, broken, 60.0, 3)
    SOURCES[source](tally, 1)
    assert tally.mistakes
    kept = [json.loads(path.read_text()) for path in tmp_path.iterdir()]
    assert kept
    assert all(case["round"] == "text" and "too long" in case["problem"] for case in kept)
    if source == "hypothesis":
        assert min(len(case["text"]) for case in kept) <= 10  # it was made small
    assert "mistakes" in tally.told(source)


def test_a_slow_input_is_a_mistake(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("fuzzing.kept.FOUND", tmp_path)
    monkeypatch.setattr("fuzzing.dice.SLOW", -1.0)
    tally = Tally("text", ROUNDS["text"].make, ROUNDS["text"].trial, 60.0, 2)
    SOURCES["seed"](tally, 1)
    assert tally.mistakes == 2
    assert all("slow" in path.read_text() for path in tmp_path.iterdir())


PLANT = """
import sys, warnings
sys.path.insert(0, {tools!r})
warnings.simplefilter("ignore")
from fuzzing import trials, tripwire
from dezero.functions.elementwise import Sin
case = {{"text": "sin(x)", "values": {{"x": 1.0}}}}
for text in ("sin(x)", "sin(x", "sinn(x)"):
    trials.try_text({{"text": text}})
trials.try_values(case)
tripwire.place()
assert trials.try_values(case) == "computed"
forward = Sin.forward
def planted(self, x):
    {deed}
    return forward(self, x)
Sin.forward = planted
try:
    trials.try_values(case)
except AssertionError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("deed", "event"),
    [
        ("open('/dev/null').close()", "open"),
        ("import subprocess; subprocess.Popen(['true']).wait()", "import"),
        ("__import__('os').system('true')", "os.system"),
        ("import antigravity_of_another_kind", "import"),
        ("import socket", "import"),
        ("compile('1', 'file', 'eval')", "compile"),
    ],
)
def test_the_tripwire_trips(deed, event):
    code = PLANT.format(tools=str(TOOLS), deed=f"try: {deed}\n    except ImportError: pass")
    code = code.replace("    try: import", "    try:\n        import")
    ended = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("an expression caused"), ended
    assert f"('{event}" in ended.stdout


@pytest.mark.skipif(os.name != "posix", reason="limits its own memory")
def test_without_atheris_the_tool_says_so_and_goes_on():
    code = (
        "import importlib.util as util, sys; find = util.find_spec\n"
        "util.find_spec = lambda name, *rest: name != 'atheris' and find(name, *rest) or None\n"
        f"sys.path.insert(0, {str(TOOLS)!r}); sys.argv = ['fuzz.py', '--seconds', '60', "
        "'--count', '20', '--seed', '1', 'text']\n"
        f"import runpy; runpy.run_path({str(TOOLS / 'fuzz.py')!r}, run_name='__main__')\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert ended.returncode == 0, ended.stderr
    lines = ended.stdout.splitlines()
    assert lines[0] == "no round is guided by coverage: atheris is not installed (extra fuzz)"
    assert lines[1] == "seed 1"
    assert re.match(r"text by seed: \d+ inputs, ", lines[2])
    assert lines[3].startswith("text by hypothesis: ")
