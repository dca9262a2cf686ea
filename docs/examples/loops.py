"""Functions whose graphs are too large to be drawn node by node."""

import numpy as np


def grow(x, rate):
    for _ in range(10_000):
        x = x + rate * x
    return x


def rnn(x, W, U, b):
    h = np.zeros((1, 4))
    for t in range(len(x)):
        h = np.tanh(x[t] @ W + h @ U + b)
    return np.sum(h**2)
