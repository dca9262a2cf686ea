"""Pages by what they show."""

from __future__ import annotations

from contextlib import ExitStack
from itertools import count

import pytest
from support.graphs import with_events

from dzviz.options import Layout, Look
from dzviz.page.html import write

EXPRESSION = "a = x**2; a*sin(a)"


@pytest.fixture(scope="session")
def page_file(tmp_path_factory):
    """Write the page of an expression, or of a graph, into a file."""
    folder, numbers = tmp_path_factory.mktemp("pages"), count()

    def file(graph, **look):
        path = folder / f"{next(numbers)}.html"
        path.write_text("".join(write(graph, Look(**look), Layout())), encoding="utf-8")
        return path

    return file


@pytest.fixture(scope="session")
def example():
    return with_events(EXPRESSION, x=3)


@pytest.fixture
def show(browser, page_file, example):
    """Show a page; see `support.pages.shown` for what is asked of it at the end."""
    from support.pages import shown

    with ExitStack() as stack:

        def show(graph=None, address="", look=None, **options):
            file = page_file(graph or example, **(look or {}))
            return stack.enter_context(shown(browser, file, address, **options))

        yield show
