"""Where chance comes from: a seed, Hypothesis, or a fuzzer that looks at what code is reached.

Each source makes cases of a round and tries them until its time is over, or their number is done.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fuzzing import kept
from fuzzing.grammar import FUNCTIONS, NOISE, PARTS, Case
from fuzzing.trials import ROOM, SLOW, peak

Make = Callable[[random.Random], Case]
Try = Callable[[Case], str]


class Tally:
    """Tries cases of one round, counts how they end, and keeps those that show a mistake."""

    def __init__(self, name: str, make: Make, trial: Try, seconds: float, count: int) -> None:
        self.name, self.make, self.trial = name, make, trial
        self.seconds, self.count = seconds, count
        self.begun = time.monotonic()
        self.seen: Counter[str] = Counter()
        self.mistakes = 0
        self.slowest = 0.0

    @property
    def inputs(self) -> int:
        """How many cases were tried."""
        return self.seen.total() + self.mistakes

    def done(self) -> bool:
        """Whether the time is over, or the number is reached."""
        return time.monotonic() - self.begun > self.seconds or self.inputs >= self.count

    def attempt(self, case: Case) -> None:
        """Try a case, and keep it where it shows a mistake."""
        if problem := self.problem(case):
            self.found(case, problem)

    def problem(self, case: Case) -> str:
        """Try a case; return what is wrong, or count it and return nothing."""
        begin, before, word, problem = time.process_time(), peak(), "", ""
        try:
            word = self.trial(case)
        except Exception as error:
            problem = repr(error)
        taken = time.process_time() - begin
        self.slowest = max(self.slowest, taken)
        if not problem and taken > SLOW:
            problem = f"slow: {taken:.1f} s"
        if not problem and before <= ROOM < peak():
            problem = f"large: {peak()} MiB"
        if not problem:
            self.seen[word] += 1
        return problem

    def found(self, case: Case, problem: str) -> None:
        """Keep a case that shows a mistake."""
        self.mistakes += 1
        kept.keep(self.name, case, problem)

    def told(self, source: str) -> str:
        """Write the figures on one line."""
        what = ", ".join(f"{count} {word}" for word, count in self.seen.most_common())
        return (
            f"{self.name} by {source}: {self.inputs} inputs, {self.mistakes} mistakes, "
            f"slowest {self.slowest:.2f} s, peak {peak()} MiB, "
            f"{time.monotonic() - self.begun:.0f} s ({what})"
        )


def by_seed(tally: Tally, seed: int) -> None:
    """Make cases by Python's own random numbers."""
    dice = random.Random(seed)
    while not tally.done():
        tally.attempt(tally.make(dice))


def by_hypothesis(tally: Tally, seed: int) -> None:
    """Let Hypothesis roll the dice: it favours corners, and shrinks what shows a mistake."""
    import hypothesis
    from hypothesis import strategies as st

    failing: list[tuple[Case, str]] = []

    @hypothesis.settings(
        max_examples=200,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
    )
    @hypothesis.given(st.randoms(use_true_random=False))
    def examples(dice: random.Random) -> None:
        case = tally.make(dice)
        if problem := tally.problem(case):
            failing.append((case, problem))
            raise AssertionError(problem)

    while not tally.done():
        seed += 1
        failing.clear()
        try:
            hypothesis.seed(seed)(examples)()
        except Exception:
            if not failing:
                raise
            tally.found(*failing[-1])  # the smallest is the last


class Fed(random.Random):
    """Dice that fall as the bytes of a fuzzer say."""

    def __init__(self, data: Any) -> None:
        super().__init__(0)
        self.data = data

    def random(self) -> float:
        """Return a number from 0 up to 1."""
        return float(self.data.ConsumeIntInRange(0, 2**16 - 1)) / 2**16

    def getrandbits(self, k: int, /) -> int:
        """Return a number of so many bits."""
        return int(self.data.ConsumeIntInRange(0, 2**k - 1))


def by_coverage(tally: Tally, seed: int) -> None:
    """Let atheris feed the dice, or write text itself, and follow the code that is reached.

    It ends the process; so it is run in one of its own.
    """
    import atheris

    def one(data: bytes) -> None:
        provider = atheris.FuzzedDataProvider(data)
        written = tally.name == "text" and provider.ConsumeBool()
        if written:
            text = provider.ConsumeUnicode(provider.remaining_bytes())
            tally.attempt({"text": text.encode("utf-8", "replace").decode()})
        else:
            tally.attempt(tally.make(Fed(provider)))
        if tally.done():
            print(tally.told("coverage"), flush=True)
            os._exit(1 if tally.mistakes else 0)  # the fuzzer knows no other end

    with tempfile.TemporaryDirectory(prefix="dzviz-fuzz-") as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        for number, text in enumerate((*seeds(), *PARTS)):
            (corpus / f"{number:04}").write_bytes(text.encode() + b"\x01")
        words = Path(folder) / "words"
        words.write_text("".join(f'"{_escaped(word)}"\n' for word in (*PARTS, *NOISE)))
        atheris.Setup(
            [
                "dzviz",
                str(corpus),
                f"-dict={words}",
                f"-seed={seed % 2**31 or 1}",
                "-max_len=512",
                "-rss_limit_mb=2048",
                "-timeout=30",
                "-verbosity=0",
            ],
            one,
        )
        atheris.Fuzz()


def seeds() -> list[str]:
    """Return the examples of the table of ops, to begin with."""
    from dzviz.engine import OPS

    return [example for op in OPS.values() for example in op.examples] + [f"{FUNCTIONS[0]}(x)"]


def _escaped(word: str) -> str:
    return "".join(
        chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\x{byte:02x}"
        for byte in word.encode()[:60]
    )


SOURCES: dict[str, Callable[[Tally, int], None]] = {
    "seed": by_seed,
    "hypothesis": by_hypothesis,
    "coverage": by_coverage,
}
"""The sources by name."""
