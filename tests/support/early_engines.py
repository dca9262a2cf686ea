"""Small engines as readers of the book have them before its step 20, one a function.

Each gives a namespace with ``Variable``, ``square``, ``exp`` and, from step 14 on, ``add``. Nothing
of them knows dzviz.
"""

from types import SimpleNamespace
from weakref import ref

import numpy as np


def rules(base):
    """The Functions of an engine, on its class Function."""

    class Square(base):
        def forward(self, x):
            return x**2

        def backward(self, gy):
            return 2 * self.operand().data * gy

    class Exp(base):
        def forward(self, x):
            return np.exp(x)

        def backward(self, gy):
            return np.exp(self.operand().data) * gy

    class Add(base):
        def forward(self, a, b):
            return a + b

        def backward(self, gy):
            return gy, gy

    return Square, Exp, Add


def step7():
    """One operand; ``backward`` calls itself."""

    class Variable:
        def __init__(self, data):
            self.data, self.grad, self.creator = data, None, None

        def backward(self):
            f = self.creator
            if f is not None:
                f.input.grad = f.backward(self.grad)
                f.input.backward()

    return _single(Variable)


def step9():
    """One operand; a loop, and ones to start from."""

    class Variable:
        def __init__(self, data):
            self.data, self.grad, self.creator = data, None, None

        def backward(self):
            if self.grad is None:
                self.grad = np.ones_like(self.data)
            todo = [self.creator]
            while todo:
                f = todo.pop()
                f.input.grad = f.backward(f.output.grad)
                if f.input.creator is not None:
                    todo.append(f.input.creator)

    return _single(Variable)


def _single(variable):
    class Function:
        def __call__(self, x):
            self.input = x
            self.output = variable(np.array(self.forward(x.data)))
            self.output.creator = self
            return self.output

        def operand(self):
            return self.input

    square, exp, _ = rules(Function)
    return SimpleNamespace(
        Variable=variable, Square=square, square=lambda x: square()(x), exp=lambda x: exp()(x)
    )


def step14(*, overwrite=False, in_place=False):
    """Several operands, gradients that are added up; the last Function found is the next one."""

    class Variable:
        def __init__(self, data):
            self.data, self.grad, self.creator = data, None, None

        def cleargrad(self):
            self.grad = None

        def backward(self):
            if self.grad is None:
                self.grad = np.ones_like(self.data)
            todo = [self.creator]
            while todo:
                f = todo.pop()
                gxs = f.backward(*[y.grad for y in f.outputs])
                gxs = gxs if isinstance(gxs, tuple) else (gxs,)
                for x, gx in zip(f.inputs, gxs, strict=True):
                    if x.grad is None or overwrite:
                        x.grad = gx
                    elif in_place:
                        x.grad += gx
                    else:
                        x.grad = x.grad + gx
                    if x.creator is not None:
                        todo.append(x.creator)

    return _several(Variable, weak=False)


def step18(*, generations=True, add=True):
    """Generations, weak references to outputs, and gradients that are let go."""

    class Variable:
        def __init__(self, data, name=None):
            self.data, self.name, self.grad, self.creator = data, name, None, None
            self.generation = 0

        def cleargrad(self):
            self.grad = None

        def backward(self, retain_grad=False):
            if self.grad is None:
                self.grad = np.ones_like(self.data)
            todo, seen = [], set()

            def put(f):
                if f not in seen:
                    todo.append(f)
                    seen.add(f)
                    todo.sort(key=lambda f: f.generation)

            put(self.creator)
            while todo:
                f = todo.pop()
                gxs = f.backward(*[y().grad for y in f.outputs])
                gxs = gxs if isinstance(gxs, tuple) else (gxs,)
                for x, gx in zip(f.inputs, gxs, strict=True):
                    x.grad = gx if x.grad is None or not add else x.grad + gx
                    if x.creator is not None:
                        put(x.creator)
                if not retain_grad:
                    for y in f.outputs:
                        y().grad = None

    return _several(Variable, weak=True, generations=generations)


def _several(variable, *, weak, generations=True):
    class Function:
        def __call__(self, *inputs):
            ys = self.forward(*[x.data for x in inputs])
            ys = ys if isinstance(ys, tuple) else (ys,)
            outputs = [variable(np.array(y)) for y in ys]
            if weak:
                self.generation = max(x.generation for x in inputs) if generations else 0
            for y in outputs:
                y.creator = self
                if weak:
                    y.generation = self.generation + 1
            self.inputs = inputs
            self.outputs = [ref(y) for y in outputs] if weak else outputs
            return outputs[0] if len(outputs) == 1 else outputs

        def operand(self):
            return self.inputs[0]

    square, exp, add = rules(Function)
    return SimpleNamespace(
        Variable=variable,
        Function=Function,
        Square=square,
        square=lambda x: square()(x),
        exp=lambda x: exp()(x),
        add=lambda a, b: add()(a, b),
    )
