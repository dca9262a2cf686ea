"""The process that draws: the newest request of a tab wins, and no request outlives its time."""

import json
import os
import signal
import sys
import threading
from pathlib import Path

import pytest
from support.live import ask, request, served

from dzviz.server import worker
from dzviz.server.worker import BROKEN, OUTDATED, TOO_LONG

SLOW = """
import time
import numpy as np

def f(x):
    while x.data > 5:  # for ever
        time.sleep(0.01)
    return x * x
"""


@pytest.fixture
def slow(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "slow.py").write_text(SLOW)
    reads = [str(tmp_path / "slow.py")]
    with served(None, function="slow.py:f", values={"x": "1"}, reads=reads) as site:
        assert "main" in asked(site, 2)
        yield site


def asked(site, x, tab="t"):
    return json.loads(site.answer(request(formula=None, values={"x": str(x)}, tab=tab)))


def test_the_newest_request_ends_one_that_goes_on_for_ever(slow):
    answers = {}
    first = threading.Thread(target=lambda: answers.update(old=asked(slow, 9)))
    first.start()
    while slow.worker.running is None:
        first.join(0.01)
    assert "main" in asked(slow, 3)
    first.join(60)
    assert answers["old"] == OUTDATED


def test_those_that_wait_are_not_computed_when_a_newer_one_came(slow):
    before = slow.worker.process.pid
    slow.worker.turn.acquire()
    answers = {}
    waiting = []
    for x in range(5):
        waiting.append(threading.Thread(target=lambda x=x: answers.update({x: asked(slow, x)})))
        waiting[-1].start()
        while len(slow.worker.newest) < 1 or not waiting[-1].is_alive():
            pass
        waiting[-1].join(0.05)
    slow.worker.turn.release()
    for each in waiting:
        each.join(60)
    drawn = [x for x, answer in answers.items() if "main" in answer]
    assert drawn == [4]
    assert slow.worker.process.pid == before


def test_a_request_that_takes_too_long_is_ended(slow, monkeypatch):
    monkeypatch.setattr(worker, "PATIENCE", 1.0)
    assert asked(slow, 9)["error"] == TOO_LONG
    monkeypatch.undo()
    assert "main" in asked(slow, 2)


def test_a_process_that_ends_is_told_and_begun_again(slow):
    slow.worker.process.kill()
    slow.worker.process.wait()
    assert "main" in asked(slow, 2)
    threading.Timer(0.5, slow.worker.process.kill).start()
    assert asked(slow, 9)["error"] == BROKEN
    assert "main" in asked(slow, 2)


def test_a_file_that_changed_is_read_again(slow, tmp_path):
    assert "data 4" in asked(slow, 2)["main"]
    (tmp_path / "slow.py").write_text(SLOW.replace("x * x", "x * x * x"))
    assert '"version": 1' in slow.version()
    assert "data 8" in asked(slow, 2)["main"]
    (tmp_path / "slow.py").write_text("nonsense(")
    slow.version()
    assert "SyntaxError" in asked(slow, 2)["error"]
    (tmp_path / "slow.py").write_text(SLOW)
    slow.version()
    assert "main" in asked(slow, 2)


def test_a_formula_of_a_file_is_read_again(tmp_path):
    path = tmp_path / "f.txt"
    path.write_text("x*x\n")
    with served("x*x", file=str(path), reads=[str(path)]) as site:
        assert '"formula": "x*x"' in site.version()
        path.write_text("sin(x)\n")
        assert site.version() == '{"version": 1, "formula": "sin(x)"}'
        path.unlink()
        assert '"formula": "sin(x)"' in site.version()


def test_what_users_code_prints_is_no_answer(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loud.py").write_text(
        "import os\ndef f(x):\n    os.write(1, b'loud')\n    return x\n"
    )
    with served(None, function="loud.py:f") as site:
        assert "main" in asked(site, 2)


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_the_token_is_in_no_processs_arguments_and_nothing_is_left():
    with served() as site:
        assert "main" in ask(site)
        pid = site.worker.process.pid
        lines = [p.read_bytes() for p in Path("/proc").glob("[0-9]*/cmdline") if _is_mine(p)]
        assert len(lines) >= 2
        assert not [line for line in lines if site.server.token.encode() in line]
        limits = Path(f"/proc/{pid}/limits").read_text()
        assert str(worker.MEMORY) in limits
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def _is_mine(path):
    try:
        return path.stat().st_uid == os.getuid() and path.read_bytes() != b""
    except OSError:
        return False


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_the_process_goes_with_its_server():
    with served() as site:
        assert "main" in ask(site)
        process = site.worker.process
        process.stdin.close()  # as when the server was killed
        assert process.wait(30) == 0
        assert signal.SIGKILL
