"""Fuzz the command line's expressions: text, values, whole commands, gradients.

A round tries random input until its time is over and prints what it saw. Input that shows a mistake
is written into ``tests/found/``, where the tests try it from then on.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import random
import resource
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

import dezero
from dezero.ops import OPS
from dzviz.cli import main as cli
from dzviz.errors import DzvizError, ExpressionError
from dzviz.language.carets import explain
from dzviz.language.evaluate import evaluate
from dzviz.language.syntax import parse

FOUND = Path(__file__).parents[1] / "tests" / "found"
SLOW = 2.0
"""An input that takes so many seconds of the processor hangs."""

NAMES = ("x", "y", "w", "日本", "x2")
FUNCTIONS = tuple(OPS)
LEAVES = ("0", "1", "2", "-1", "0.5", "1e308", "1e-320", "pi", "e", "inf", "nan", *NAMES)
SIGNS = ("+", "-", "*", "/", "**", "@", "<", "==", ",", ";", "=", "(", ")", "[", "]", ":", ".T")
NOISE = ("^", "²", "√", "lambda", "__import__", "'", '"', "\\", "#", "{", "!", "\0", "\n")
VALUES = ("0", "1", "-1", "3", "1e300", "nan", "[1,2]", "[[1,2],[3,4]]", "zeros(2,2)", "[]")
FORMATS = ("dot", "json", "mermaid", "text", "alt")


def expression(rng: random.Random, depth: int = 4) -> str:
    """Make an expression by the grammar; it need not make sense."""
    if depth <= 0 or rng.random() < 0.15:
        return rng.choice(LEAVES)
    a, b = (expression(rng, depth - rng.randint(1, 3)) for _ in range(2))
    match rng.randrange(9):
        case 0 | 1 | 2:
            return f"{a} {rng.choice(('+', '-', '*', '/', '**', '@', '<'))} {b}"
        case 3:
            return f"({a})"
        case 4:
            return f"-{a}"
        case 5:
            return f"{rng.choice(FUNCTIONS)}({a})"
        case 6:
            return f"{rng.choice(FUNCTIONS)}({a}, {b})"
        case 7:
            return f"[{a}, {b}]"
        case _:
            index = rng.choice(["[0]", "[-1]", "[0:1]", "[::2]", ".T", "[..., None]", "[5]"])
            return f"({a}){index}"


def smooth(rng: random.Random, depth: int = 5) -> str:
    """Make an expression that has a derivative wherever x and y are small."""
    if depth <= 0 or rng.random() < 0.12:
        return rng.choice(("x", "y", "x", "y", "0.5", "2", "1.25"))
    a, b = (smooth(rng, depth - rng.randint(1, 2)) for _ in range(2))
    match rng.randrange(8):
        case 0 | 1:
            return f"({a} {rng.choice('+-')} {b})"
        case 2 | 3:
            return f"({a} * {b})"
        case 4:
            return f"({a} / (2 + ({b})**2))"
        case 5:
            return f"({a})**{rng.choice((2, 3))}"
        case _:
            return f"{rng.choice(('sin', 'cos', 'tanh', 'arctan', 'exp'))}({a} / (1 + ({b})**2))"


def damaged(rng: random.Random, text: str) -> str:
    """Change a text here and there."""
    for _ in range(rng.choice((0, 1, 1, 2, 4))):
        i = rng.randint(0, len(text))
        j = min(len(text), i + rng.choice((0, 1, 2, 6)))
        piece = rng.choice((*SIGNS, *NOISE, *NAMES, *FUNCTIONS))
        if rng.random() < 0.1:
            piece *= rng.choice((3, 99, 101, 3000))
        elif rng.random() < 0.1:
            piece = chr(rng.choice((rng.randint(0, 255), rng.randint(0, 0x10FFFF))))
        text = text[:i] + rng.choice((piece, "", text[i:j] * 2)) + text[j:]
    return text[:11_000]


def try_text(case: Mapping[str, Any]) -> str:
    """Read an expression, or refuse it in our words."""
    try:
        parse(case["text"], functions=lambda: FUNCTIONS)
    except ExpressionError as error:
        shown = explain(error)
        assert shown.count("\n") <= 4
        assert all(c == "\n" or c.isprintable() for c in shown), shown
        return "refused"
    return "read"


def try_values(case: Mapping[str, Any]) -> str:
    """Evaluate an expression and run its pass, or refuse that in our words."""
    arrays = {name: np.array(value, float) for name, value in case["values"].items()}
    try:
        with np.errstate(all="ignore"):
            made = evaluate(parse(case["text"], functions=lambda: FUNCTIONS), arrays)
            ys = [y for y in made.outputs if not y.constant]
            dezero.backward(ys)
    except DzvizError as error:
        explain(error)
        return type(error).__name__
    return "computed"


def try_command(case: Mapping[str, Any]) -> str:
    """Run a whole command: nothing on stdout, one message, and the right code where it fails."""
    out, err = io.TextIOWrapper(io.BytesIO()), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = cli.run(case["args"])
        except SystemExit as end:
            code = int(end.code or 0)
    out.flush()
    written, said = out.buffer.getvalue(), err.getvalue()  # type: ignore[attr-defined]
    assert code in (0, 2, 3, 4, 5), code
    assert "Traceback" not in said
    if code:
        assert not written
        assert said.count("dzviz: error: ") == 1 or not any(a.strip() for a in case["args"]), said
    return f"exit {code}"


def try_gradient(case: Mapping[str, Any]) -> str:
    """Compare first and second derivatives by x with mpmath's, at 40 digits."""
    import mpmath

    text, at = case["text"], case["at"]
    program = parse(text)
    if "x" not in program.names:
        return "constant"
    made = evaluate(program, {name: np.array(at[name]) for name in program.names})
    (y,) = made.outputs
    x = made.inputs["x"]
    with np.errstate(all="ignore"):
        first = dezero.grad(y, x, create_graph=True)
        second = dezero.grad(first, x)
    found = [float(first.data), float(second.data)]
    code = compile(text, "fuzz", "eval")
    names = {name: getattr(mpmath, name) for name in ("sin", "cos", "tanh", "exp")}
    names["arctan"] = mpmath.atan

    def function(x: Any) -> Any:
        return eval(code, {"__builtins__": {}}, {**names, "x": x, "y": mpmath.mpf(at["y"])})

    with mpmath.workdps(40):
        expected = [mpmath.diff(function, mpmath.mpf(at["x"]), n) for n in (1, 2)]
        size = max(1.0, *(float(abs(value)) for value in (function(at["x"]), *expected)))
    if not np.all(np.isfinite(found)) or size > 1e12:
        return "beyond floats"  # where sin(1e13) and the like have no digit left
    for value, exact in zip(found, expected, strict=True):
        # Errors of the values in between grow with the derivatives by them.
        assert abs(value - float(exact)) <= 1e-9 * size, (found, [float(e) for e in expected])
    return "agrees"


def case_of(round_: str, rng: random.Random) -> dict[str, Any]:
    """Make a random case for a round."""
    if round_ == "text":
        return {"text": damaged(rng, expression(rng, rng.randint(0, 6)))}
    if round_ == "gradient":
        at = {"x": rng.uniform(-1, 1), "y": rng.uniform(-1, 1)}
        return {"text": smooth(rng), "at": at}
    text = expression(rng, rng.randint(0, 5))
    if round_ == "values":
        shapes = ((), (), (2,), (2, 2), (0,), (1, 3))
        values = {
            name: np.round(np.array([rng.uniform(-3, 3) for _ in range(6)]), 2)[
                : int(np.prod(shape))
            ]
            .reshape(shape)
            .tolist()
            for name, shape in ((name, rng.choice(shapes)) for name in NAMES)
        }
        return {"text": text, "values": values}
    args = [damaged(rng, text) if rng.random() < 0.5 else text]
    for name in NAMES:
        if name in text and rng.random() < 0.97:
            args += [f"--{name}", rng.choice(VALUES)]
    args += rng.choice(([], ["--order", "1"], ["--retain-grad"], ["--no-backward"], []))
    args += ["-T", rng.choice(FORMATS)]
    return {"args": args}


ROUNDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "text": try_text,
    "values": try_values,
    "command": try_command,
    "gradient": try_gradient,
}
"""The rounds: what each tries with a case. The tests try what they found in the same way."""


def watched(events: list[tuple[str, Any]]) -> Callable[[str, tuple[Any, ...]], None]:
    """Return an audit hook that notes what an expression must never cause."""
    forbidden = ("open", "exec", "os.", "subprocess.", "socket.", "ctypes.", "import", "compile")

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if not watching or not event.startswith(forbidden):
            return
        if event == "import" and args[0] in sys.modules:
            return
        if event == "compile" and (args[1] or "").startswith("<"):
            return  # of the tree that `ast.parse` makes
        events.append((event, args[:1]))

    return hook


watching = False


def run(name: str, seconds: float, rng: random.Random) -> int:
    """Try cases for so long; return how many showed a mistake."""
    global watching
    seen: Counter[str] = Counter()
    worst, mistakes, end = 0.0, 0, time.monotonic() + seconds
    watching = name in ("text", "values")
    while time.monotonic() < end:
        case = case_of(name, rng)
        begin = time.process_time()
        try:
            seen[ROUNDS[name](case)] += 1
            problem = "" if time.process_time() - begin < SLOW else "slow"
        except Exception as error:
            problem = repr(error)
        worst = max(worst, time.process_time() - begin)
        if problem:
            watching = False
            mistakes += 1
            keep(name, case, problem)
            watching = name in ("text", "values")
    watching = False
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    what = ", ".join(f"{count} {word}" for word, count in seen.most_common())
    print(
        f"{name}: {seen.total() + mistakes} inputs, {mistakes} mistakes, "
        f"slowest {worst:.2f} s, peak {peak} MB ({what})"
    )
    return mistakes


def keep(name: str, case: Mapping[str, Any], problem: str) -> None:
    """Write a case that shows a mistake where the tests find it."""
    FOUND.mkdir(exist_ok=True)
    text = json.dumps({"round": name, "problem": problem[:500], **case}, indent=1)
    digest = hashlib.sha256(json.dumps(case).encode()).hexdigest()[:12]
    (FOUND / f"{name}-{digest}.json").write_text(f"{text}\n")
    print(f"{name}: {problem[:200]}\n  {case}", file=sys.stderr)


def found() -> Iterator[tuple[str, dict[str, Any]]]:
    """Return every case that a round once found, with the name of the round."""
    for path in sorted(FOUND.glob("*.json")):
        case = json.loads(path.read_text())
        yield case.pop("round"), case


def main() -> int:
    """Run the rounds that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=300.0, help="for all rounds together")
    parser.add_argument("--seed", type=int, default=None)
    warnings.simplefilter("ignore", RuntimeWarning)  # as the command does
    parser.add_argument("rounds", nargs="*", default=[], help=f"of {', '.join(ROUNDS)}")
    options = parser.parse_args()
    names = options.rounds or list(ROUNDS)
    seed = random.SystemRandom().randrange(2**32) if options.seed is None else options.seed
    print(f"seed {seed}")
    rng = random.Random(seed)
    for name in names:  # what is loaded on first use is no import by an expression
        for _ in range(300):
            with contextlib.suppress(Exception):
                ROUNDS[name](case_of(name, rng))
    events: list[tuple[str, Any]] = []
    sys.addaudithook(watched(events))
    mistakes = sum(run(name, options.seconds / len(names), rng) for name in names)
    for event in events[:20]:
        print(f"an expression caused {event}", file=sys.stderr)
    return 1 if mistakes or events else 0


if __name__ == "__main__":
    raise SystemExit(main())
