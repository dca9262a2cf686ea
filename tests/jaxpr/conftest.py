"""Tests of what JAX computes: collected where it is installed, as by `make test-jax`."""

from importlib.util import find_spec

import pytest

collect_ignore_glob = [] if find_spec("jax") else ["test_*.py"]

if find_spec("jax"):
    import jax

    jax.config.update("jax_enable_x64", True)


@pytest.fixture
def float32():
    jax.config.update("jax_enable_x64", False)
    yield
    jax.config.update("jax_enable_x64", True)
