"""Expressions that ask for all the memory and time there is, each with the exit code it gets.

Each is small text: what it would take stands in what it makes.
"""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from fuzzing.trials import ROOM

MATRIX = "rand(1000, 1000)"
MILLION = "rand(1000000)"


class Greedy(NamedTuple):
    """A command line and how it ends."""

    args: list[str]
    code: int


def _doubled(op: str, times: int, end: str = "sum(a)") -> str:
    return ";".join(["a = x", *[f"a = {op}"] * times, end])


ASKS = {
    "empty, summed along its length of 0": Greedy(["sum(zeros(0, 1000000000), axis=0)"], 4),
    "empty by reshape": Greedy(["max(reshape(zeros(0), (0, 1000000000)), axis=1)"], 4),
    "empty by broadcast": Greedy(["sum(broadcast_to(zeros(0, 1), (0, 1000000000)), axis=0)"], 4),
    "empty, to a shape": Greedy(["sum_to(zeros(0, 1000000000), (1, 1000000000))"], 4),
    "empty value": Greedy(["mean(x, axis=0)", "--x", "zeros(0, 1000000000)"], 2),
    "many classes": Greedy(["softmax_cross_entropy(x, [0])", "--x", "zeros(1, 1000000)"], 0),
    "a gradient of copies": Greedy(["sum(a @ b)", "--a", MATRIX, "--b", "rand(1000, 1000, 1)"], 4),
    "a layer's gradient of copies": Greedy(
        ["sum(linear(x, W))", "--x", "rand(1000, 1, 1000)", "--W", MATRIX], 4
    ),
    "outer product": Greedy(["a @ b", "--a", "rand(100000, 1)", "--b", "rand(1, 100000)"], 4),
    "many products of matrices": Greedy(["x" + " @ x" * 9, "--x", MATRIX], 4),
    "broadcast product": Greedy(["x[:, None] * x", "--x", MILLION], 4),
    "parts of a large array": Greedy(["x[0]" + "+x[0]" * 400, "--x", MILLION], 4),
    "sums of a large array": Greedy(["logsumexp(x)" + "+logsumexp(x)" * 200, "--x", MILLION], 4),
    "as much as is allowed": Greedy(["sin(x)+sin(x)+sin(x)+sin(x)", "--x", MILLION], 0),
    "all of it kept": Greedy(["x*x*x*x*x*x*x*x*x*x", "--x", MILLION, "--retain-grad"], 0),
    "all of it told": Greedy(["trace", "x*x*x*x*x*x*x*x*x*x", "--x", MILLION], 0),
    "gradients of ten": Greedy(
        ["grad", "+".join("abcdf"), *(part for n in "abcdf" for part in (f"--{n}", MILLION))], 0
    ),
    "a third derivative": Greedy(["tanh(x)", "--x", MILLION, "--order", "3"], 4),
    "a hundredth derivative": Greedy(["tanh(x)", "--x", "1", "--order", "100"], 4),
    "a hundredth derivative, checked": Greedy(
        ["gradcheck", "tanh(x)", "--x", MILLION, "--order", "100"], 4
    ),
    "a wide second derivative": Greedy(
        ["+".join(["tanh(x)"] * 400), "--x", "1", "--order", "2"], 0
    ),
    "doubled by lists": Greedy([_doubled("[a, a]", 40), "--x", "1"], 4),
    "doubled by concatenate": Greedy([_doubled("concatenate([a, a])", 40), "--x", "[1]"], 4),
    "squared by turns": Greedy([_doubled("a*a", 400, "a"), "--x", "1"], 0),
    "a tower of powers": Greedy(["**".join("9" * 90)], 0),
    "a tower of arrays": Greedy(["**".join("x" * 10), "--x", MILLION], 0),
    "a number of 10 000 digits": Greedy(["9" * 10_000], 0),
    "a number of 100 000 digits": Greedy(["9" * 100_000], 3),
    "a value of 100 000 digits": Greedy(["x", "--x", "9" * 100_000], 2),
    "an exponent of 9 000 digits": Greedy(["x**" + "9" * 9_000, "--x", "2"], 0),
    "brackets": Greedy(["(" * 5_000 + "x" + ")" * 5_000, "--x", "1"], 3),
    "lists": Greedy(["[" * 5_000 + "x" + "]" * 5_000, "--x", "1"], 3),
    "signs": Greedy(["--", "-" * 9_000 + "x"], 3),
    "powers": Greedy(["x" + "**x" * 3_000, "--x", "1"], 3),
    "comparisons": Greedy(["x" + "<x" * 4_000, "--x", "1"], 3),
    "outputs": Greedy([",".join(["x"] * 1_900), "--x", "1"], 0),
    "statements": Greedy([";".join(f"a{i} = {i}" for i in range(3_000)) + ";a1"], 3),
    "axes": Greedy(["x[" + "None, " * 70 + "0:1]", "--x", "[1]"], 4),
    "a shape of 10**30": Greedy(["zeros(1e30)"], 4),
    "a shape of many": Greedy(["zeros(" + "1000, " * 500 + "1)"], 4),
    "eye": Greedy(["eye(1e6)"], 4),
    "arange": Greedy(["arange(0, 1, 1e-300)"], 4),
    "linspace": Greedy(["linspace(0, 1, 1e12)"], 4),
    "a value of zeros": Greedy(["x", "--x", "zeros(99999, 99999)"], 2),
    "a product of all": Greedy(["prod(x)", "--x", MILLION], 0),
    "an outer product": Greedy(["sum(outer(x, x))", "--x", MILLION], 4),
    "an outer product of what is left": Greedy(["sum(outer(x, y))", "--x", MILLION, "--y", "1"], 4),
    "einsum of everything": Greedy(["einsum('i,j,k->', x, x, x)", "--x", "rand(1000)"], 4),
    "einsum, wide": Greedy(["sum(einsum('ij,kl->ijkl', x, x))", "--x", "rand(100, 100)"], 4),
    "einsum, many products": Greedy(["sum(einsum('ij,jk->ik', x, x))", "--x", MATRIX], 4),
    "einsum, as much as is allowed": Greedy(
        ["sum(einsum('ij,jk->ik', x, x))", "--x", "rand(150, 150)"], 0
    ),
    "a convolution": Greedy(
        ["sum(conv2d(x, W))", "--x", "rand(10, 10, 100, 100)", "--W", "rand(100, 10, 30, 30)"], 4
    ),
    "a convolution by a large kernel": Greedy(
        ["sum(conv2d(x, W, pad=500))", "--x", MATRIX, "--W", "rand(500, 500)"], 4
    ),
    "a row convolved with itself": Greedy(
        ["sum(conv1d(x, x, pad=100000))", "--x", "rand(100000)"], 4
    ),
    "padding": Greedy(["sum(conv1d(x, [1], pad=1000000000))", "--x", "[1]"], 4),
    "pools of one number": Greedy(["sum(max_pool2d(x, 500, stride=1))", "--x", MATRIX], 4),
    "a diagonal": Greedy(["sum(diag(x))", "--x", "rand(100000)"], 4),
    "a diagonal far off": Greedy(["sum(diag([1], 1000000))"], 4),
    "an inverse": Greedy(["sum(inv(x))", "--x", MATRIX], 0),
    "many inverses": Greedy(["+".join(["sum(inv(x))"] * 20), "--x", MATRIX], 4),
    "equations": Greedy(["sum(solve(x, x))", "--x", MATRIX], 0),
    "many equations": Greedy(["+".join(["sum(solve(x, x))"] * 20), "--x", MATRIX], 4),
    "all that is normalized, in its parts": Greedy(
        ["+".join(["sum(layer_norm(x))"] * 4), "--x", MATRIX, "--expand", "all", "-T", "text"], 0
    ),
    "more normalized than is allowed": Greedy(
        ["+".join(["sum(layer_norm(x))"] * 9), "--x", MATRIX, "--expand", "all"], 4
    ),
    "rows of a table": Greedy(
        ["sum(embedding(ids, W))", "--ids", "zeros(1000000)", "--W", MATRIX], 4
    ),
    "all sorted": Greedy(["sum(sort(x))+sum(topk(x, 1000000))", "--x", MILLION], 0),
    "everything attends to everything": Greedy(
        ["sum(attention(x, x, x))", "--x", "rand(5000, 10)"], 4
    ),
    "as much attention as is allowed": Greedy(
        ["sum(attention(x, x, x))", "--x", "rand(1200, 10)", "--expand", "all", "-T", "text"], 0
    ),
    "a mask of nothing": Greedy(
        ["sum(attention(x, x, x, mask=zeros(3000, 3000)))", "--x", "rand(3000, 2)"], 4
    ),
    "a wide cell": Greedy(
        [
            "sum(lstm_cell(x, h, h, W, U)[0])",
            *("--x", "rand(10000, 1)", "--h", "rand(10000, 100)"),
            *("--W", "rand(1, 400)", "--U", "rand(100, 400)"),
        ],
        4,
    ),
    "gates of many rows": Greedy(
        [
            "sum(gru_cell(x, h, W, U))",
            *("--x", "rand(1000, 100)", "--h", "rand(1, 300)"),
            *("--W", "rand(100, 900)", "--U", "rand(300, 900)"),
        ],
        0,
    ),
    "a file that promises more": Greedy(["x", "--x", "@promise.npy"], 2),
}
"""What each of them is, and how."""

PROMISE = b"\x93NUMPY\x01\x00v\x00" + (
    b"{'descr': '<f8', 'fortran_order': False, 'shape': (100000, 100000)}".ljust(117) + b"\n"
)
"""A .npy file of 128 bytes that says it holds 74 GiB."""

ADDRESSES = 16 << 30
"""Bytes of address space: one that goes wrong fails by it before the machine does."""

ENOUGH = 600
"""Seconds of the processor after which what hangs is killed; all together take some 40."""

UNIT = 1 << 20 if sys.platform == "darwin" else 1 << 10
"""What the system counts memory in, as a part of a MiB."""


class Taken(NamedTuple):
    """How a command ended, and what it took."""

    code: int
    mib: int
    seconds: float
    said: str


def greedy_case(dice: random.Random) -> dict[str, Any]:
    """Choose one of them."""
    args, code = ASKS[dice.choice(list(ASKS))]
    return {"args": args, "code": code}


def try_greedy(case: Mapping[str, Any]) -> str:
    """Run it in a process of its own, which must stay small and say what is too much."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "promise.npy").write_bytes(PROMISE)
        check(run(case["args"], folder), case["code"])
    return f"exit {case['code']}"


def check(taken: Taken, code: int) -> None:
    """Hold what a command took to what it may take.

    Raises:
        AssertionError: It took more, or ended otherwise.
    """
    assert taken.code == code, taken
    assert taken.mib < ROOM, taken
    assert "Traceback" not in taken.said, taken
    if code:
        assert taken.said.startswith("dzviz: error: "), taken
        assert taken.said.count("dzviz: error: ") == 1, taken


def run(args: Sequence[str], folder: str) -> Taken:
    """Run a command in a process of its own and measure it; what it writes is thrown away."""
    said: list[bytes] = []
    with _started(["-m", "dzviz", *args], folder, subprocess.DEVNULL) as process:
        stderr = process.stderr
        assert stderr is not None
        reader = threading.Thread(target=lambda: said.append(stderr.read()))
        reader.start()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        reader.join()
    seconds = usage.ru_utime + usage.ru_stime
    return Taken(process.returncode, usage.ru_maxrss // UNIT, seconds, said[0].decode())


ALL = """
import contextlib, io, json, os, resource, sys, time
from dzviz.cli.main import run
for args in json.load(sys.stdin):
    said, begin = io.StringIO(), time.process_time()
    with open(os.devnull, "w") as out, contextlib.redirect_stderr(said):
        with contextlib.redirect_stdout(out):
            code = run(args)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps([code, peak, time.process_time() - begin, said.getvalue()]), flush=True)
"""


def run_all(folder: str) -> dict[str, Taken]:
    """Run all of them in one process, which is quicker; the memory is the most so far."""
    with _started(["-c", ALL], folder, subprocess.PIPE) as process:
        asked = json.dumps([args for args, _ in ASKS.values()])
        out, said = process.communicate(asked.encode())
    lines = [json.loads(line) for line in out.splitlines()]
    assert len(lines) == len(ASKS), said.decode()
    return {
        name: Taken(code, peak // UNIT, seconds, told)
        for name, (code, peak, seconds, told) in zip(ASKS, lines, strict=True)
    }


def _started(args: list[str], folder: str, stdout: int) -> subprocess.Popen[bytes]:
    """Start Python with limits on its memory and time."""

    def bound() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
        resource.setrlimit(resource.RLIMIT_CPU, (ENOUGH, ENOUGH))

    return subprocess.Popen(
        [sys.executable, *args],
        stdin=subprocess.PIPE if stdout == subprocess.PIPE else subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        cwd=folder,
        preexec_fn=bound,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
