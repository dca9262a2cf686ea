"""The tool that compares two checkouts: equal ones are equal, and what differs is named."""

import subprocess
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns

import compare

ROOT = Path(__file__).parents[1]


def compared(*words):
    command = [sys.executable, ROOT / "tools" / "compare.py", *words]
    return subprocess.run(command, capture_output=True, text=True)


def test_a_checkout_is_equal_to_itself():
    done = compared(ROOT, ROOT, "sinh(x) ((),)", "docs/howto/frames.md")
    assert done.returncode == 0, done.stderr
    *kinds, last = done.stdout.splitlines()
    assert [line.partition(":")[0] for line in kinds] == ["page", "file", "corpus"]
    assert all(line.endswith(" results, 0 differ") for line in (*kinds, last))
    assert int(last.split()[0]) > 10


def test_what_differs_is_named(tmp_path):
    for name in ("dezero", "dzviz"):
        copytree(ROOT / name, tmp_path / name, ignore=ignore_patterns("__pycache__"))
    changed = tmp_path / "dzviz" / "formats" / "mermaid.py"
    changed.write_text(changed.read_text().replace("flowchart", "graph"))
    done = compared(ROOT, tmp_path, "sinh(x) ((),)")
    assert done.returncode == 1, done.stderr
    named = [line for line in done.stdout.splitlines() if line.startswith("differs: ")]
    assert named
    assert all(line.endswith(" mermaid") for line in named)


def test_a_checkout_that_fails_is_told():
    done = compared(ROOT, ROOT / "docs", "sinh(x) ((),)")
    assert done.returncode not in (0, None)
    assert "--run" in done.stderr


def test_variables_are_those_that_get_values():
    assert compare.variables("norm(x, inf, axis=1) + a*x") == ["x", "a"]
    assert compare.variables("softmax_cross_entropy(x, t)") == ["x", "t"]
    assert compare.text((2, 1)) == "[[0.31], [0.87]]"
    assert compare.text(()) == "0.31"
