"""Font files of other packages."""

from pathlib import Path

import pytest


def vera() -> str:
    """Return a font file that has a character (∙) which Open Sans lacks."""
    reportlab = pytest.importorskip("reportlab")
    return str(Path(reportlab.__file__).parent / "fonts/Vera.ttf")
