"""The same models by our engine, by one of the book and by PyTorch, compared node by node."""

from pathlib import Path

from support import mydezero
from support.ten_models import check, reports


def test_ten_models_are_the_same(tmp_path):
    (tmp_path / "mydezero.py").write_text(Path(mydezero.__file__).read_text())
    check(reports("ours", "torch", tmp_path, dtype="float64"))
    check(reports("torch", "book", tmp_path, dtype="float64"))
    check(reports("torch", "torch", tmp_path, dtype="float64"))
