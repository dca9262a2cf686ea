"""Tests of what PyTorch computes: collected where it is installed, as by `make test-torch`."""

from importlib.util import find_spec

spec = find_spec("torch")  # this folder is one, too, but has no origin
collect_ignore_glob = [] if spec and spec.origin else ["*.py"]
