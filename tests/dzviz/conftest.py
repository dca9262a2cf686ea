"""One browser for all tests of pages."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def browser():
    from support import pages

    with pages.browser() as browser:
        yield browser
