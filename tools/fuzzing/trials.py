"""What is tried with a case: it ends in one word for what happened, or in an exception.

The tests try what was found once in the same way.
"""

from __future__ import annotations

import contextlib
import io
import resource
import sys
import tempfile
from collections.abc import Mapping
from typing import Any

import numpy as np

from dzviz.cli import main as cli
from dzviz.engine import OPS, backward
from dzviz.errors import DzvizError, ExpressionError
from dzviz.language.carets import explain
from dzviz.language.evaluate import evaluate
from dzviz.language.parse import parse
from fuzzing import tripwire

SLOW = 2.0
"""An input that takes so many seconds of the processor hangs."""

ROOM = 1024
"""The most MiB that the process may ever have taken."""


def try_text(case: Mapping[str, Any]) -> str:
    """Read an expression, or refuse it in our words."""
    try:
        with tripwire.armed():
            parse(case["text"], functions=lambda: OPS)
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
        with np.errstate(all="ignore"), tripwire.armed():
            made = evaluate(parse(case["text"], functions=lambda: OPS), arrays)
            ys = [y for y in made.outputs if not y.constant]
            backward(ys)
    except DzvizError as error:
        explain(error)
        return type(error).__name__
    return "computed"


def try_command(case: Mapping[str, Any]) -> str:
    """Run a whole command: nothing on stdout, one message, and the right code where it fails."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    given = io.TextIOWrapper(io.BytesIO(case.get("stdin", "").encode("utf-8", "replace")))
    before = sys.stdin
    with tempfile.TemporaryDirectory() if "stdin" in case else contextlib.nullcontext("") as folder:
        args = [folder if arg == "{folder}" else arg for arg in case["args"]]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            sys.stdin = given
            try:
                code = cli.run(args)
            except SystemExit as end:
                code = int(end.code or 0)
            finally:
                sys.stdin = before
    out.flush()
    written, said = out.buffer.getvalue(), err.getvalue()  # type: ignore[attr-defined]
    assert "Traceback" not in said
    if "stdin" in case:  # each line is a task of its own
        assert code in (0, 2, 3, 4, 5), code
    elif code == 1 and "gradcheck" in args:
        assert written
    else:
        assert code in (0, 2, 3, 4, 5), code
        if code:
            assert not written
            assert said.count("dzviz: error: ") == 1 or not any(a.strip() for a in args), said
    return f"exit {code}"


def peak() -> int:
    """Return the most MiB that this process ever took."""
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit
