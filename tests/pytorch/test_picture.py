"""The picture of README is what its command draws."""

import runpy
from pathlib import Path

from dzviz.documents.equivalence import is_equivalent

ROOT = Path(__file__).parents[2]


def test_the_picture_is_what_its_command_draws(tmp_path):
    tool = runpy.run_path(str(ROOT / "tools" / "torch_picture.py"))
    tool["draw"](tmp_path / "torch.svg")
    made = (tmp_path / "torch.svg").read_bytes()
    stale = not is_equivalent("svg", tool["KEPT"].read_bytes(), made, 4)
    assert not stale, "python tools/torch_picture.py: it is stale"


def test_parts_of_the_source_hide_no_function_of_it():
    import pkgutil

    from dzviz.sources import pytorch

    parts = {module.name for module in pkgutil.iter_modules(pytorch.__path__)}
    assert parts.isdisjoint({"recognises", "graph", "function_of", "meets", "engine", "record"})
    assert parts.isdisjoint({"signed", "noticing", "watch"})
