"""Torture the command: each of its calls fails, it is killed, crowded and badly read.

A round prints what it saw; what breaks a promise is told in full and makes the exit code 1.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.faults import FAULTS, PROGRAMS, REASONS, SIGNALS, server  # noqa: E402
from support.tools import find_tool  # noqa: E402
from support.writers import WRITERS, attempt, judge  # noqa: E402


def suits(writer, fault: str, call: str) -> bool:
    if fault == "short":
        return call.startswith("os.write")
    if fault in PROGRAMS:
        bounded = {"--layout-timeout", "--open"}.intersection(writer.args)
        return call.startswith(("subprocess.", "wasmtime.") if bounded or fault != "timeout" else "never")
    return True

def calls(folder, options) -> int:
    seen = Counter()
    wrong = 0
    with server(folder) as served:
        for name, writer in WRITERS.items():
            if options.only and options.only not in name:
                continue
            if any(find_tool(tool) is None for tool in writer.needs):
                continue
            begin = time.monotonic()
            clean = attempt(served, folder / "run", writer)
            problems = judge(writer, clean, clean)
            n = len(clean.outcome.calls)
            print(f"{name}: {n} calls", problems, flush=True)
            if options.verbose: print(*clean.outcome.calls, clean.outcome.err, clean.outcome.out[:100], clean.after.keys(), sep="\n  ")
            index = list(WRITERS).index(name)
            for turn, call in enumerate(clean.outcome.calls):
                faults = options.faults or (*PROGRAMS, "short", REASONS[(turn + index) % len(REASONS)], SIGNALS[(turn + index) % len(SIGNALS)])
                for fault in faults:
                    if not suits(writer, fault, call): continue
                    run = attempt(served, folder / "run", writer, fault, turn)
                    seen[run.outcome.code] += 1
                    for problem in judge(writer, clean, run, fault):
                        wrong += 1
                        print(f"  {fault} at {turn} {run.outcome.struck}: {problem}", flush=True)
            print(f"   {time.monotonic()-begin:.1f} s", flush=True)
    print(seen, wrong)
    return wrong

parser = argparse.ArgumentParser()
parser.add_argument("--only")
parser.add_argument("--faults", nargs="*")
parser.add_argument("-v", "--verbose", action="store_true")
with tempfile.TemporaryDirectory() as f:
    calls(Path(f), parser.parse_args())
