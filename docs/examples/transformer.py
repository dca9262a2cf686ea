"""A transformer block of functions, which are frames in its picture."""

import numpy as np

from dezero.functions import attention, gelu, layer_norm


def attend(x, Q, K, V):
    n = layer_norm(x)
    return x + attention(n @ Q, n @ K, n @ V)


def feed_forward(x, W, U):
    return x + gelu(layer_norm(x) @ W) @ U


def block(x, Q, K, V, W, U):
    return np.mean(feed_forward(attend(x, Q, K, V), W, U))
