"""What every way of writing keeps when something fails; `make torture` tries far more of it."""

from __future__ import annotations

import os
import re
import signal
import sys

import pytest
from support.faults import FAULTS, server
from support.streams import STREAMS, picture_of, try_stream
from support.tools import find_tool
from support.writers import WRITERS, attempt, judge, suited

from dzviz.formats import FORMATS

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are watched in /proc"),
]

EACH = {
    "dot over a file": 2,
    "svg over a file": 2,
    "--open": 4,
    "the engine dot": 5,
    "frames, an empty folder": 21,
    "batch of stdin": 17,
    "embed": 31,
}
"""How many calls of a writer there are to one that fails here."""

OTHERS = 8
"""How many odd streams there are to one that a format is written to here."""


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with server(tmp_path_factory.mktemp("served")) as served:
        yield served


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "folder"


def test_every_format_is_among_the_writers():
    assert set(EACH) <= set(WRITERS)
    for name in FORMATS:
        assert {f"{name} over a file", f"{name} to stdout"} <= set(WRITERS)


@pytest.mark.parametrize("name", EACH)
def test_calls_that_fail(name, served, folder):
    writer = WRITERS[name]
    if not all(map(find_tool, writer.needs)):
        pytest.skip(f"needs {', '.join(writer.needs)}")
    clean = attempt(served, folder, writer)
    assert judge(writer, clean, clean) == []
    assert len(clean.outcome.calls) > 10
    wrong = []
    for number, turn in enumerate(range(0, len(clean.outcome.calls), EACH[name])):
        call = clean.outcome.calls[turn]
        ways = [fault for fault in FAULTS if suited(writer, fault, call)]
        fault = ways[number % len(ways)]
        run = attempt(served, folder, writer, fault, turn)
        assert len(run.outcome.struck) == 1
        problems = judge(writer, clean, run, fault)
        wrong += [f"{fault} at {turn}, {call}: {problem}" for problem in problems]
    assert wrong == []


@pytest.mark.parametrize("name", FORMATS)
def test_odd_streams(name, served, folder):
    folder.mkdir()
    expected = served.run(picture_of(name), folder, env={"LC_ALL": "C"}).out
    folder.rmdir()
    assert expected
    first = list(FORMATS).index(name) % OTHERS
    for stream in list(STREAMS)[first::OTHERS]:
        assert try_stream(served, folder, name, stream, expected) == [], stream


def test_every_odd_stream_is_tried():
    assert len(FORMATS) >= OTHERS


WRONG = {
    "a half": (lambda tree: {**tree, "out.svg": tree["out.svg"][:99]}, {}, "neither old nor new"),
    "the old": (lambda tree: {"out.svg": b"old"}, {}, "a file is not written"),
    "nothing": (lambda tree: {}, {}, "neither old nor new"),
    "litter": (lambda tree: {**tree, ".dzviz-0.tmp": b""}, {}, r"left \['.dzviz-0.tmp'\]"),
    "an exit": (dict, {"code": 1}, "exit 1"),
    "too early": (dict, {"code": 6, "err": "dzviz: error: cannot write 'x': no\n"}, "is written"),
    "no word": (lambda tree: {"out.svg": b"old"}, {"code": 6}, "0 errors"),
    "a traceback": (dict, {"err": "Traceback (most ...\nOSError: no\n"}, "a traceback: OSError"),
    "noise": (dict, {"err": "Exception ignored in ...\n"}, "said"),
    "a process": (dict, {"orphans": 1}, "1 orphans"),
    "output": (dict, {"out": b"x"}, "another stdout"),
    "a signal": (dict, {"code": -signal.SIGPIPE}, "exit -13"),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_judge_sees_what_is_wrong(name, served, folder):
    change, ends, words = WRONG[name]
    writer = WRITERS["svg over a file"]._replace(old={"out.svg": b"old"})
    clean = attempt(served, folder, writer)
    run = clean._replace(after=change(clean.after), outcome=clean.outcome._replace(**ends))
    assert judge(writer, clean, clean, "EIO") == []
    problems = judge(writer, clean, run, "EIO")
    assert any(re.search(words, problem) for problem in problems), problems


def test_a_run_shows_its_orphans(served, folder, tmp_path):
    model = (
        "import subprocess\ndef f(x):\n    subprocess.Popen(['sleep', '60'])\n    return x * x\n"
    )
    writer = WRITERS["a function"]._replace(old={"model.py": model.encode()})
    assert attempt(served, folder, writer).outcome.orphans == 1
    assert not os.path.exists(folder)
