"""Programs whose graphs repeat something, for tests: each makes an output, anew each time."""

import numpy as np

import dezero
from dezero import Variable
from dzviz.engine import Recording
from dzviz.graph.model import FunctionNode
from dzviz.sources.snapshot import snapshot


def leaf(value, name=None):
    return Variable(np.array(value, float), name)


def taken(y, *, backward=True, retain_grad=False):
    """Run a recorded pass and take the graph."""
    recording = Recording()
    if backward:
        ys = y if isinstance(y, list) else [y]
        dezero.backward(ys, retain_grad=retain_grad, observer=recording)
    return snapshot(y, recording=recording)


def simple(n=40):
    x = leaf(1.0, "x")
    for _ in range(n):
        x = np.sin(x) + 0.5
    return x


def chain(n=40):
    x, a = leaf(0.0, "x"), leaf(1.0, "a")
    for _ in range(n):
        x = x + a
    return x


def newton(n=20):
    x = leaf(2.0, "x")
    for _ in range(n):
        x = x - (x**3 - 2 * x - 5) / (3 * x**2 - 2)
    return x


def layers(n=20):
    h = leaf(np.linspace(-1, 1, 12).reshape(3, 4), "x")
    for i in range(n):
        weight = leaf(np.eye(4) + 0.01 * i, f"W{i + 1}")
        h = np.tanh(h @ weight + leaf(np.full(4, 0.1), f"b{i + 1}"))
    return np.sum(h**2)


def recurrent(n=30):
    x = leaf(np.sin(np.arange(3.0 * n)).reshape(n, 1, 3), "x")
    w, u, b = leaf(np.full((3, 4), 0.3), "W"), leaf(np.eye(4) / 2, "U"), leaf(np.zeros(4), "b")
    h = np.zeros((1, 4))
    for t in range(n):
        h = np.tanh(x[t] @ w + h @ u + b)
    return np.sum(h**2)


def losses(n=30):
    """What each step adds to the loss is made of the carried value, beside its way."""
    x = leaf(np.sin(np.arange(3.0 * n)).reshape(n, 1, 3), "x")
    w, u, v = leaf(np.full((3, 4), 0.3), "W"), leaf(np.eye(4) / 2, "U"), leaf(np.ones((4, 2)), "V")
    h, total = leaf(np.zeros((1, 4)), "h"), 0
    for t in range(n):
        h = np.tanh(h @ u + x[t] @ w)
        total = total + np.sum((h @ v) ** 2)
    return total


def gated(n=12):
    """Two carried values, as in an LSTM."""
    names = "ifog"
    w = {k: leaf(0.3 + 0.1 * i, f"w{k}") for i, k in enumerate(names)}
    h, c = leaf(0.1, "h"), leaf(0.2, "c")
    for _ in range(n):
        i, f, o = (1 / (1 + np.exp(-(w[k] * h))) for k in "ifo")
        c = f * c + i * np.tanh(w["g"] * h)
        h = o * np.tanh(c)
    return h


def together(n=30):
    """Two values, each made of the other's old one."""
    x, v, dt = leaf(1.0, "x"), leaf(0.0, "v"), leaf(0.01, "dt")
    for _ in range(n):
        x, v = x + v * dt, v - x * dt
    return x


def two_back(n=30):
    a, b = leaf(1.0, "a"), leaf(1.0, "b")
    for _ in range(n):
        a, b = b, a + b
    return b


def nested(n=5, m=20):
    x = leaf(1.0, "x")
    for _ in range(n):
        for _ in range(m):
            x = np.sin(x)
        x = x * leaf(2.0) + 0.5
    return x


def skipping(n=8, m=6):
    x, w = leaf(1.0, "x"), leaf(0.9, "w")
    for _ in range(n):
        s = x
        for _ in range(m):
            s = s * w + 0.01
        x = s + x
    return x


def successive():
    x = leaf(1.0, "x")
    for _ in range(20):
        x = np.sin(x)
    for _ in range(30):
        x = np.cos(x) * x
    return np.exp(x)


def beside():
    x, y = leaf(1.0, "x"), leaf(2.0, "y")
    for _ in range(20):
        x = np.sin(x)
    for _ in range(25):
        y = np.cos(y) * 2
    return x + y


def collected(n=30):
    x, found = leaf(1.0, "x"), []
    for _ in range(n):
        x = np.sin(x) * 1.1
        found.append(x**2)
    return np.sum(np.stack(found))


def begun(n=30):
    """What comes before the loop ends as its body does."""
    x, c = leaf(1.0, "a") + leaf(2.0, "b"), leaf(0.5, "c")
    for _ in range(n):
        x = np.sin(x) + c
    return x


def derivative(n=20):
    x = leaf(1.0, "x")
    y = x
    for _ in range(n):
        y = np.sin(y) * 1.1
    return dezero.grad(y, [x], create_graph=True)[0]


def alternating(n=30):
    """Two leaves that take turns."""
    w = [leaf(0.5, "w0"), leaf(0.6, "w1")]
    x = leaf(1.0, "x")
    for i in range(n):
        x = np.sin(x * w[i % 2])
    return x


def disturbed(n=40):
    """One time in the middle is not like the others."""
    x = leaf(1.0, "x")
    for i in range(n):
        x = np.sin(x) + 0.5
        if i == n // 2:
            x = np.exp(x) * 0.1
    return x


def around_it(n=30):
    """From one time of the loop to a later one there is a way outside of it."""
    x = leaf(1.0, "x")
    shared = None
    for i in range(n):
        x = np.sin(x) * (shared if shared is not None and i == 20 else 1.5)
        if i == 10:
            shared = np.exp(x)
    return x


def outputs(n=20):
    x = leaf(1.0, "x")
    found = []
    for i in range(n):
        x = np.sin(x)
        if i in (7, n - 1):
            found.append(x)
    return found


LOOPS = {
    "simple": (simple, [40]),
    "chain": (chain, [40]),
    "newton": (newton, [20]),
    "layers": (layers, [20]),
    "recurrent": (recurrent, [30]),
    "losses": (losses, [30]),
    "gated": (gated, [12]),
    "together": (together, [29]),  # the last time makes no v
    "two back": (two_back, [30]),
    "nested": (nested, [5, 20]),
    "skipping": (skipping, [6, 7, 6]),  # the first time begins from x alone
    "successive": (successive, [20, 30]),
    "beside": (beside, [20, 25]),
    "collected": (collected, [30]),
    "begun": (begun, [30]),
    "derivative": (derivative, [19, 19]),  # the derivative of sin(x) needs no old value
    "alternating": (alternating, [30]),
    "disturbed": (disturbed, [19, 21]),
    "around it": (around_it, [10, 20]),
    "outputs": (outputs, [20]),
}
"""Programs by name, each with how often its loops are drawn to repeat."""


def expand(graph):
    """Draw each time again: the graph that was folded."""
    if graph.folded is None:
        return graph
    members, bundles = graph.folded.members, graph.folded.bundles
    functions, variables = {}, []
    operands, results = {}, {}
    for node in graph.nodes:
        for member in members.get(node.id, (node,)):
            if isinstance(member, FunctionNode):
                functions[member.id] = member
            else:
                variables.append(member)
    for edge in graph.edges:
        for each in bundles[edge[:3]].edges if edge[:3] in bundles else (edge,):
            if each.arg is None:
                results[each.target] = each
            else:
                operands.setdefault(each.target, []).append(each)
    # As a snapshot takes them: each Variable after the Function that made it.
    nodes, edges = [], []
    for variable in sorted(variables, key=lambda node: int(node.id[1:])):
        result = results.get(variable.id)
        if result is not None and result.source in functions:
            nodes.append(functions.pop(result.source))
            edges += sorted(operands.get(result.source, []), key=lambda edge: edge.arg or 0)
        nodes.append(variable)
        edges += [] if result is None else [result]
    return graph._replace(
        nodes=tuple(nodes),
        edges=tuple(edges),
        outputs=graph.folded.outputs,
        troubles=graph.folded.troubles,
        folded=None,
    )
