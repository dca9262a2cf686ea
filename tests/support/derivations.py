"""Derivations of textbooks: an expression, values, and lines that have to be among its own."""

X, W = [[1, 2], [3, 4]], [[1, 2, 0], [2, 1, 1]]
TWO = [[0.5, 0.25], [-0.5, 1]]

TEXTBOOK = {
    "linear regression": (
        "r = X @ w - t; L = sum(r**2)/2",
        {"X": [[1, 2], [3, 4], [0, 1]], "w": [0.1, -0.2], "t": [1, 0, 1]},
        ["dL/dr = r", "dL/dw = X^T (dL/dr)", "dL/dX = outer(dL/dr, w)"],
    ),
    "logistic regression": (
        "z = x @ w + b; p = sigmoid(z); L = -mean(t*log(p) + (1 - t)*log(1 - p))",
        {"x": [[1, 2], [3, 4], [0, 1]], "w": [0.1, -0.2], "b": 0.3, "t": [1, 0, 1]},
        [
            "dL/dp = -t/(3*p) + (1 - t)/(3*(1 - p))",
            "dL/dz = dL/dp * p*(1 - p)",
            "dL/dw = x^T (dL/dz)",
            "dL/db = sum(dL/dz)",
        ],
    ),
    "softmax cross-entropy": (
        "z = x @ W + b; L = softmax_cross_entropy(z, t)",
        {"x": X, "W": W, "b": [1, 2, 3], "t": [2, 0]},
        [
            "dL/dz = (softmax(z) - one_hot(t, 3))/2",
            "dL/db = sum(dL/dz, axis=0)",
            "dL/dx = (dL/dz) W^T",
            "dL/dW = x^T (dL/dz)",
        ],
    ),
    "a layer with relu": (
        "z = x @ W + b; h = relu(z); y = h @ V; L = mean((y - t)**2)",
        {"x": X, "W": W, "b": [1, 2, 3], "V": [[1], [2], [3]], "t": [[1], [0]]},
        [
            "dL/dy = y - t",
            "dL/dh = (dL/dy) V^T",
            "dL/dV = h^T (dL/dy)",
            "dL/dz = dL/dh * [z > 0]",
        ],
    ),
    "layer normalization": (
        "sum(c*layer_norm(x, g, b))",
        {"x": [[1, 2, 4], [3, 4, 9]], "g": [1, 2, 3], "b": [0, 0, 1], "c": [[1, 2, 3], [3, 2, 1]]},
        [
            "u1 = sqrt(mean((x - mean(x, axis=1, keepdims=True))**2, axis=1, keepdims=True)"
            " + 1e-5)",
            "u2 = (x - mean(x, axis=1, keepdims=True))/u1",
            "dy/dx = (c*g - mean(c*g, axis=1, keepdims=True)"
            " - u2*mean(c*g*u2, axis=1, keepdims=True))/u1",
            "dy/dg = sum(c*u2, axis=0)",
            "dy/db = sum(c, axis=0)",
        ],
    ),
    "the cell of an LSTM": (
        "z = x @ W + h @ U; i = sigmoid(z); f = sigmoid(x @ F + h @ G); g = tanh(x @ R);"
        " m = f*c + i*g; L = sum(m)",
        dict.fromkeys("xWhUFGRc", TWO),
        [
            "dL/di = dL/dm * g",
            "dL/dg = dL/dm * i",
            "dL/df = dL/dm * c",
            "dL/dc = dL/dm * f",
            "dL/dz = dL/di * i*(1 - i)",
            "dL/dU = h^T (dL/dz)",
        ],
    ),
    "attention": (
        "S = Q @ K.T / sqrt(2); A = softmax(S); O = A @ V; L = sum(C*O)",
        {"Q": X, "K": TWO, "V": X, "C": TWO},
        [
            "S = (Q @ K^T)/sqrt(2)",
            "dL/dO = C",
            "dL/dA = (dL/dO) V^T",
            "dL/dV = A^T (dL/dO)",
            "dL/dS = dL/dA * A - A*sum(dL/dA * A, axis=1, keepdims=True)",
            "dL/dQ = (dL/dS / sqrt(2)) K",
            "dL/dK = (dL/dS / sqrt(2))^T Q",
        ],
    ),
    "a Gaussian": (
        "z = (x - mu)/s; L = log(s) + z**2/2",
        {"x": 1, "mu": 0.5, "s": 2},
        ["dL/dz = z", "dL/dx = dL/dz / s", "dL/dmu = -dL/dz / s", "dL/ds = -dL/dz * z/s + 1/s"],
    ),
    "the divergence of Kullback and Leibler": (
        "sum(p*log(p/q))",
        {"p": [0.5, 0.5], "q": [0.2, 0.8]},
        ["dy/dp = log(p/q) + 1", "dy/dq = -p/q"],
    ),
    "the logarithm of a determinant": (
        "log(det(A))",
        {"A": [[2, 1], [1, 3]]},
        ["dy/dA = inv(A)^T"],
    ),
    "a quadratic form": (
        "x @ A @ x",
        {"x": [1, 2], "A": [[2, 1], [1, 3]]},
        ["dy/dx = x @ A + A @ x", "dy/dA = outer(x, x)"],
    ),
    "Rosenbrock's function": (
        "z = (1 - x)**2 + 100*(y - x**2)**2",
        {"x": 1, "y": 2},
        ["dz/dy = 200*(y - x**2)", "dz/dx = -2*(1 - x) - 400*(y - x**2)*x"],
    ),
    "the quotient": ("u/v", {"u": 1, "v": 2}, ["dy/du = 1/v", "dy/dv = -y/v"]),
}

OTHERS = [
    ("where(x > 0, x*maximum(x, y), abs(x))**y + x**-1.5 + 1e-7*x", {"x": 1.5, "y": 2}),
    ("sum(softplus(x) + gelu(x) + clip(x, -1, 1) + std(x) + norm(x))", {"x": [1.0, -2.0, 0.5]}),
    ("x[0]*x[1:] @ eye(2)[0] + sum(x[::-1])", {"x": [1.0, 2.0, 3.0]}),
    ("sum(einsum('ij,jk->ik', a, b)) + prod(b)", {"a": [[1, 2]], "b": [[1], [2]]}),
]
"""What else there is to write."""

ALL = [*((text, values) for text, values, _ in TEXTBOOK.values()), *OTHERS]
