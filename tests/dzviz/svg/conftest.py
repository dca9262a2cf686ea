"""What tests of fonts have in common."""

import pytest

from dzviz.svg import fonts


@pytest.fixture
def no_system_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_system_files", lambda: iter(()))
