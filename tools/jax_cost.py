"""Measure what a recording costs beside ``jax.grad`` alone, cold and warm, in one run.

Times are the processor's, warm ones the least of several runs. It needs JAX: ``make test-jax``
makes an environment that has it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp

import dzviz

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.jax_programs import PROGRAMS

NAMES = ("cross-entropy", "pytree MLP", "scan RNN", "vmap", "normalised", "long scan")


def chain(n: int) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """Return a program of ``n`` primitives."""

    def f(x: Any) -> Any:
        for _ in range(n // 2):
            x = jnp.sin(x) * 1.01
        return x.sum()

    return f, (jnp.ones(10),)


def seconds(call: Callable[[], Any], times: int) -> float:
    """Return the least time of a call."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        jax.block_until_ready(call())
        taken.append(time.process_time() - start)
    return min(taken)


def main() -> None:
    """Print a table."""
    jax.config.update("jax_enable_x64", True)
    programs = {name: PROGRAMS[name] for name in NAMES}
    programs |= {f"{n} primitives": chain(n) for n in (100, 1000, 10_000)}
    print("program, functions, jax.grad cold, warm; dzviz.record cold, warm (seconds)")
    for name, (f, args) in programs.items():
        given = jax.tree_util.tree_map(jnp.asarray, args)
        floats = [
            i
            for i, arg in enumerate(given)
            if all(x.dtype == jnp.float64 for x in jax.tree_util.tree_leaves(arg))
        ]
        grad = jax.grad(lambda *xs, f=f: jnp.sum(f(*xs)), argnums=tuple(floats))
        times = 1 if name.startswith("10000") else 5
        cold = seconds(lambda: grad(*given), 1)  # noqa: B023
        warm = seconds(lambda: grad(*given), times)  # noqa: B023
        start = time.process_time()
        graph = dzviz.record(f, *given, backend="jax")
        first = time.process_time() - start
        again = seconds(lambda: (dzviz.record(f, *given, backend="jax"), 0)[1], times)  # noqa: B023
        count = sum(hasattr(node, "op") for node in graph.nodes)
        print(f"{name}, {count}, {cold:.3f}, {warm:.4f}; {first:.2f}, {again:.3f}", flush=True)


if __name__ == "__main__":
    main()
