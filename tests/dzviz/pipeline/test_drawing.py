"""What is recorded for a picture: all that happened, where somebody may ask for it."""

import numpy as np
import pytest

from dzviz.engine import Variable
from dzviz.errors import LayoutError
from dzviz.formats import FORMATS
from dzviz.options import Layout, Look, View
from dzviz.pipeline.computation import Computation, Run
from dzviz.pipeline.drawing import prepare
from dzviz.sources.function import PyFunction
from dzviz.sources.numbering import exceeds


def looped(x, a):
    for _ in range(40):
        x = np.sin(x) * a + x
    return x


def page(**options):
    subject = PyFunction("looped", looped, ("x", "a"), ())
    computation = Computation(subject=subject, values={"x": "0.5", "a": "0.9"})
    drawing = prepare(computation, FORMATS["html"], Look(), View(**options), Layout())
    return drawing.graph, "".join(drawing.chunks())


def test_no_step_is_recorded_that_no_page_shows(monkeypatch):
    plain = page(max_nodes=60)
    assert page(max_nodes=500)[0].events, "it is drawn with its steps"
    assert page(max_nodes=60, focus="a:0")[0].events, "a part of it has steps"
    with pytest.raises(LayoutError) as error:
        page(max_nodes=60, fold="none")
    whole = []

    def recorded(run, most):
        whole.append(most)
        return run

    monkeypatch.setattr(Run, "without_events_above", recorded)
    assert page(max_nodes=60) == plain
    with pytest.raises(LayoutError, match="too large") as other:
        page(max_nodes=60, fold="none")
    assert str(other.value) == str(error.value)
    assert whole == [60, 60]


def test_ops_in_frames_may_be_drawn_as_fewer():
    y = looped(Variable(np.array(0.5)), Variable(np.array(0.9)))
    assert exceeds([y], 119)
    assert not exceeds([y], 120)
    y.creator._frame = object()
    assert not exceeds([y], 119)
