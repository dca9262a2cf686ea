"""Tests of what PyTorch computes: collected where it is installed, as by `make test-torch`."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("torch") else ["test_*.py"]
