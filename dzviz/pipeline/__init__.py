"""One way from a subject and options to a picture: compute, differentiate, choose, write.

Every caller goes this way, from a shell, from Python, from a document. It knows neither click nor
streams; what is odd, though no error, it returns as sentences. Answers about gradients begin on
the same way (`explanation`, `checking`).
"""

from dzviz.pipeline.computation import (
    Computation,
    Given,
    Run,
    Values,
    compute,
    evaluate,
    expanding,
    read_value,
)
from dzviz.pipeline.drawing import Drawing, animated, drawing_of, fitting, idle, prepare
from dzviz.pipeline.graphs import Taken, oddities, take, troubles

__all__ = [
    "Computation",
    "Drawing",
    "Given",
    "Run",
    "Taken",
    "Values",
    "animated",
    "compute",
    "drawing_of",
    "evaluate",
    "expanding",
    "fitting",
    "idle",
    "oddities",
    "prepare",
    "read_value",
    "take",
    "troubles",
]
