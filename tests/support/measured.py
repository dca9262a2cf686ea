"""What a whole command takes, in a process of its own: memory, processor time, exit code."""

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
CODE = """
import resource, sys
{before}
from dzviz.cli.main import run
code = run(sys.argv[1:])
(peak,) = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")]
used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
seconds = sum(each.ru_utime + each.ru_stime for each in used)
sys.stderr.write(f"\\n{{code}} {{max(int(peak), used[1].ru_maxrss)}} {{seconds}}")
"""


class Measured(NamedTuple):
    """An exit code, MiB of memory, what was said of errors, and seconds of the processor."""

    code: int
    peak: int
    said: str
    seconds: float


def measured(folder: str | Path, *args: str, before: str = "") -> Measured:
    """Run a command in a folder; ``before`` is code that runs first. Children count, too."""
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(before=before), *args],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    said, _, end = done.stderr.rpartition("\n")
    code, peak, seconds = end.split()
    return Measured(int(code), int(peak) >> 10, said, float(seconds))
