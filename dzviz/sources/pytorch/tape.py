"""Any code that uses PyTorch, watched within a ``with`` block: `dzviz.watch`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from dzviz.errors import UsageError
from dzviz.graph.model import Graph
from dzviz.sources.pytorch.afterwards import graph_of as afterwards
from dzviz.sources.pytorch.graphs import Options, graph_of
from dzviz.sources.pytorch.names import Names
from dzviz.sources.pytorch.notes import Seen
from dzviz.sources.pytorch.recorder import Recorder
from dzviz.sources.pytorch.values import tensors_in


class TorchTape:
    """What was seen, as far as tensors that are alive lead to it, and the last pass."""

    def __init__(self, recorder: Recorder, names: Names) -> None:
        self.recorder, self.names = recorder, names

    def graph(self, thing: Any) -> Graph:
        """Return the graph that computed tensors; of one that was not seen what autograd knows."""
        tensors = tensors_in(thing)
        if not all(map(self.recorder.is_known, tensors)):
            return afterwards(thing, self.names)
        return self.of([self.recorder.seen(t) for t in tensors])

    def last(self) -> Graph | None:
        """Return the graph of the last backward pass; None where there was none."""
        return None if self.recorder.last is None else self.of(self.recorder.last[1])

    def of(self, outputs: Sequence[Seen]) -> Graph:
        """Make the graph of what was written down."""
        self.names.roots(self.recorder.scopes.roots.values())
        return graph_of(outputs, Options(self.names, most=self.recorder.most))


@contextmanager
def watching(things: Sequence[Any], named: Mapping[str, Any]) -> Iterator[TorchTape]:
    """Watch what runs in a ``with`` block; modules and tensors have the names given."""
    names = Names()
    for name, thing in named.items():
        names.add(name, thing)
    for thing in things:
        if not isinstance(thing, torch.nn.Module):
            kind = type(thing).__name__
            raise UsageError(
                f"watch takes modules, not {kind}", hint="tensors have names: named={'x': x}"
            )
        word = type(thing).__name__
        names.add(word, thing, prefix=len(things) > 1)
        names.modules[id(thing)] = word
    recorder = Recorder()
    with recorder.recording():
        yield TorchTape(recorder, names)
