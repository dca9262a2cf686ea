"""Fuzz what comes from others: expressions, command lines, files, documents, Functions, gradients.

A round makes input of one kind and tries it until its time is over; it prints what it saw. Chance
comes from a seed, from Hypothesis, and from atheris, which looks at what code an input reaches and
is left out where it is not installed. Input that shows a mistake is written into ``tests/found/``,
where the tests try it from then on.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import random
import resource
import subprocess
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import fuzzing.instrumented  # isort: skip  # before anything of the project is loaded
from fuzzing import tripwire
from fuzzing.agreement import agreement_case, try_agreement
from fuzzing.dice import SOURCES, Make, Tally, Try
from fuzzing.grammar import command_case, text_case, values_case
from fuzzing.graphs import graphs_case, try_graphs
from fuzzing.greedy import greedy_case, try_greedy
from fuzzing.inputs import (
    documents_case,
    files_case,
    functions_case,
    try_documents,
    try_files,
    try_functions,
)
from fuzzing.trials import try_command, try_text, try_values

GUIDED = fuzzing.instrumented.GUIDED


class Round(NamedTuple):
    """What is made, what is tried with it, and by which sources."""

    make: Make
    trial: Try
    sources: tuple[str, ...] = tuple(SOURCES)


ROUNDS: Mapping[str, Round] = {
    "text": Round(text_case, try_text),
    "values": Round(values_case, try_values),
    "command": Round(command_case, try_command),
    "graphs": Round(graphs_case, try_graphs),
    "files": Round(files_case, try_files, ("seed", "hypothesis")),
    "documents": Round(documents_case, try_documents, ("seed", "hypothesis")),
    "functions": Round(functions_case, try_functions, ("seed",)),
    "agreement": Round(agreement_case, try_agreement, ("seed",)),
    "greedy": Round(greedy_case, try_greedy, ("seed",)),
}
"""The rounds by name."""

WARM = 300
"""So many cases of each kind are tried first: what is loaded on first use is no import by them."""

ADDRESSES = 16 << 30
"""Bytes of address space: beyond them Python fails, not the machine."""


def main() -> int:
    """Run the rounds that are asked for, by each source."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=300.0, help="for all rounds together")
    parser.add_argument("--count", type=int, default=10**9, help="at most this many inputs of each")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--source", choices=SOURCES, help="by default all, one after another")
    parser.add_argument("rounds", nargs="*", default=[], help=f"of {', '.join(ROUNDS)}")
    options = parser.parse_args()
    seed = random.SystemRandom().randrange(2**32) if options.seed is None else options.seed
    names = options.rounds or list(ROUNDS)
    tasks = [
        (name, source)
        for name in names
        for source in ROUNDS[name].sources
        if options.source in (None, source)
    ]
    if any(source == "coverage" for _, source in tasks) and not importlib.util.find_spec("atheris"):
        print("no round is guided by coverage: atheris is not installed (extra fuzz)")
        tasks = [(name, source) for name, source in tasks if source != "coverage"]
    if not GUIDED:
        print(f"seed {seed}", flush=True)
    share = options.seconds / max(1, len(tasks))
    failed = 0
    for name, source in tasks:
        if source == "coverage" and not GUIDED:
            failed += guided(name, share, options.count, seed)
        else:
            failed += tried(name, source, share, options.count, seed)
    return 1 if failed else 0


def tried(name: str, source: str, seconds: float, count: int, seed: int) -> int:
    """Run one round in this process; return how many cases showed a mistake."""
    warnings.simplefilter("ignore", RuntimeWarning)  # as the command does
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    round_ = ROUNDS[name]
    dice = random.Random(7)
    for _ in range(WARM if len(round_.sources) > 1 else 0):
        with contextlib.suppress(Exception):
            round_.trial(round_.make(dice))
    tripwire.place()
    tally = Tally(name, round_.make, round_.trial, seconds, count)
    SOURCES[source](tally, seed)
    print(tally.told(source), flush=True)
    return tally.mistakes


def guided(name: str, seconds: float, count: int, seed: int) -> int:
    """Run one round in a process whose code is looked at."""
    command = [sys.executable, str(Path(__file__)), "--source=coverage", name]
    command += [f"--seconds={seconds}", f"--count={count}", f"--seed={seed}"]
    ended = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    if ended.returncode:
        sys.stderr.write(ended.stderr[-3000:])
    return int(ended.returncode != 0)


if __name__ == "__main__":
    raise SystemExit(main())
