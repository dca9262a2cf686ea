"""dzviz turns a formula into a picture of its computational graph."""

__version__ = "0.1.0"
