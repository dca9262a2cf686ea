"""What the command loads before it can answer: each import here is a decision, it costs a start."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

HELP = {
    "dzviz",
    "dzviz.__main__",
    "dzviz.arguments",
    "dzviz.arguments.help",
    "dzviz.arguments.shell",
    "dzviz.budget",
    "dzviz.cli",
    "dzviz.cli.commands",
    "dzviz.cli.help",
    "dzviz.cli.main",
    "dzviz.cli.process",
    "dzviz.errors",
    "dzviz.files",
    "dzviz.records",
    "dzviz.streams",
}
EXPRESSION = (HELP - {"dzviz.cli.help"}) | {
    "dzviz._dezero",
    "dzviz._dezero.builtin",
    "dzviz._dezero.config",
    "dzviz._dezero.core",
    "dzviz._dezero.detached",
    "dzviz._dezero.engine",
    "dzviz._dezero.flow",
    "dzviz._dezero.frames",
    "dzviz._dezero.function_queue",
    "dzviz._dezero.functions",
    "dzviz._dezero.functions.algebra",
    "dzviz._dezero.functions.arithmetic",
    "dzviz._dezero.functions.elementwise",
    "dzviz._dezero.functions.reduction",
    "dzviz._dezero.functions.sequences",
    "dzviz._dezero.functions.shaping",
    "dzviz._dezero.guards",
    "dzviz._dezero.local_gradients",
    "dzviz._dezero.methods",
    "dzviz._dezero.names",
    "dzviz._dezero.ops",
    "dzviz._dezero.passes",
    "dzviz._dezero.recorder",
    "dzviz._dezero.rounding",
    "dzviz._dezero.rounding.arithmetic",
    "dzviz._dezero.rounding.bounded",
    "dzviz._dezero.rounding.elementwise",
    "dzviz._dezero.scaling",
    "dzviz._dezero.shapes",
    "dzviz._dezero.special",
    "dzviz._dezero.watching",
    "dzviz.arguments.command",
    "dzviz.arguments.draw",
    "dzviz.arguments.expression",
    "dzviz.arguments.options",
    "dzviz.arguments.split",
    "dzviz.arguments.values",
    "dzviz.cli.commands.draw",
    "dzviz.cli.depfile",
    "dzviz.cli.output",
    "dzviz.cli.status",
    "dzviz.cli.warnings",
    "dzviz.engine",
    "dzviz.fields",
    "dzviz.formats",
    "dzviz.formats.dot",
    "dzviz.frozen",
    "dzviz.graph",
    "dzviz.graph.columns",
    "dzviz.graph.duplicates",
    "dzviz.graph.model",
    "dzviz.graph.nonfinite",
    "dzviz.graph.overview",
    "dzviz.graph.pairs",
    "dzviz.graph.ranges",
    "dzviz.graph.rounded",
    "dzviz.language",
    "dzviz.language.application",
    "dzviz.language.calls",
    "dzviz.language.evaluate",
    "dzviz.language.evaluation",
    "dzviz.language.limits",
    "dzviz.language.makers",
    "dzviz.language.parse",
    "dzviz.language.reach",
    "dzviz.language.statements",
    "dzviz.language.syntax",
    "dzviz.language.tokens",
    "dzviz.language.user_code",
    "dzviz.options",
    "dzviz.pipeline",
    "dzviz.pipeline.computation",
    "dzviz.pipeline.drawing",
    "dzviz.pipeline.graphs",
    "dzviz.pipeline.view",
    "dzviz.placing",
    "dzviz.placing.dot",
    "dzviz.progress",
    "dzviz.sources",
    "dzviz.sources.backends",
    "dzviz.sources.bounds",
    "dzviz.sources.columns",
    "dzviz.sources.exactness",
    "dzviz.sources.expression",
    "dzviz.sources.frames",
    "dzviz.sources.frozen",
    "dzviz.sources.nodes",
    "dzviz.sources.nonfinite",
    "dzviz.sources.numbering",
    "dzviz.sources.provenance",
    "dzviz.sources.snapshot",
    "dzviz.styles",
    "dzviz.styles.appearance",
    "dzviz.styles.boxes",
    "dzviz.styles.scene",
    "dzviz.styles.strokes",
    "dzviz.text",
    "dzviz.text.captions",
    "dzviz.text.descriptions",
    "dzviz.text.gradients",
    "dzviz.text.key",
    "dzviz.text.labels",
    "dzviz.text.languages",
    "dzviz.text.notes",
    "dzviz.text.numbers",
    "dzviz.text.orders",
    "dzviz.text.phrases",
    "dzviz.text.primes",
    "dzviz.text.sentences",
    "dzviz.text.shares",
    "dzviz.text.sizes",
    "dzviz.text.table",
    "dzviz.text.troubles",
    "dzviz.themes",
}
HEAVY = {"asyncio", "email", "http", "multiprocessing", "socket", "ssl", "urllib.request"}
SIN = ["sin(x)", "--x", "1.0", "--retain-grad"]

RUN = """
import json, sys
before = set(sys.modules)
from dzviz.__main__ import main
file, *sys.argv[1:] = sys.argv[1:]
try:
    main()
finally:
    with open(file, "w") as opened:
        json.dump(sorted(set(sys.modules) - before), opened)
"""


def loaded(tmp_path, *arguments):
    file = tmp_path / "modules.json"
    command = [sys.executable, "-c", RUN, str(file), *arguments]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return set(json.loads(file.read_text()))


def parted(modules):
    """Ours by their whole names, others' packages by their first: `dezero` is not ours here."""
    ours = {name for name in modules if name.split(".")[0] == "dzviz"}
    firsts = {name.split(".")[0] for name in modules - ours}
    return ours, {name for name in firsts - sys.stdlib_module_names if not name.startswith("_")}


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_loads_no_numpy(tmp_path, argument):
    ours, others = parted(loaded(tmp_path, argument))
    assert ours == HELP - ({"dzviz.cli.help"} if argument == "--version" else set())
    assert others == {"click"}


def test_an_expression_loads_what_it_needs(tmp_path):
    ours, others = parted(loaded(tmp_path, *SIN))
    assert ours == EXPRESSION
    assert others == {"click", "numpy"}


@pytest.mark.parametrize("suffix", ["dot", "svg", "png"])
def test_a_picture_loads_nothing_of_a_network(tmp_path, suffix):
    modules = loaded(tmp_path, *SIN, "-o", str(tmp_path / f"sin.{suffix}"))
    assert not modules & HEAVY


def test_an_interrupt_while_the_guard_is_loaded_is_quiet():
    code = """
import runpy, sys

class Interrupt:
    def find_spec(self, name, *_):
        if name == "dzviz.cli.process":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupt())
runpy.run_module("dzviz", run_name="__main__")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    code = -signal.SIGINT if os.name == "posix" else 130
    assert (done.returncode, done.stdout, done.stderr) == (code, b"", b"")


THREADS = """
import os, sys
from dzviz.cli.main import run
run(sys.argv[1:])
print(os.environ.get("OPENBLAS_NUM_THREADS"))
"""


@pytest.mark.parametrize(
    ("arguments", "given", "expected"),
    [
        (SIN, {}, "1"),
        (SIN, {"OPENBLAS_NUM_THREADS": "3"}, "3"),
        (["--py-function", "{file}:f", "--x", "1"], {}, "None"),
    ],
)
def test_numpy_gets_one_thread_but_in_a_users_own_function(
    tmp_path, monkeypatch, arguments, given, expected
):
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    file = tmp_path / "model.py"
    file.write_text("def f(x):\n    return x * x\n")
    arguments = [argument.replace("{file}", str(file)) for argument in arguments]
    done = subprocess.run(
        [sys.executable, "-c", THREADS, *arguments], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == expected


def test_completion_of_a_command_loads_none(tmp_path, monkeypatch):
    asked = {"_DZVIZ_COMPLETE": "zsh_complete", "COMP_WORDS": "dzviz gr", "COMP_CWORD": "1"}
    for name, value in asked.items():
        monkeypatch.setenv(name, value)
    ours, _ = parted(loaded(tmp_path))
    assert "dzviz.cli.commands" in ours
    assert not any(name.startswith("dzviz.cli.commands.") for name in ours)
