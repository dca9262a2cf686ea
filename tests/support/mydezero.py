"""An engine as a reader of the book has it at step 40: gradients are Variables, arrays broadcast.

Nothing in it knows dzviz.
"""

import contextlib
from weakref import ref

import numpy as np


class Config:
    enable_backprop = True


@contextlib.contextmanager
def using_config(name, value):
    old = getattr(Config, name)
    setattr(Config, name, value)
    try:
        yield
    finally:
        setattr(Config, name, old)


class Variable:
    __array_priority__ = 200

    def __init__(self, data, name=None):
        if data is not None and not isinstance(data, np.ndarray):
            raise TypeError(f"{type(data)} is not supported")
        self.data, self.name = data, name
        self.grad, self.creator, self.generation = None, None, 0

    @property
    def shape(self):
        return self.data.shape

    @property
    def T(self):  # noqa: N802
        return transpose(self)

    def set_creator(self, function):
        self.creator = function
        self.generation = function.generation + 1

    def cleargrad(self):
        self.grad = None

    def backward(self, retain_grad=False, create_graph=False):
        if self.grad is None:
            self.grad = Variable(np.ones_like(self.data))
        funcs, seen = [], set()

        def add_func(f):
            if f not in seen:
                funcs.append(f)
                seen.add(f)
                funcs.sort(key=lambda x: x.generation)

        add_func(self.creator)
        while funcs:
            f = funcs.pop()
            gys = [output().grad for output in f.outputs]
            with using_config("enable_backprop", create_graph):
                gxs = f.backward(*gys)
                if not isinstance(gxs, tuple):
                    gxs = (gxs,)
                for x, gx in zip(f.inputs, gxs, strict=True):
                    x.grad = gx if x.grad is None else x.grad + gx
                    if x.creator is not None:
                        add_func(x.creator)
            if not retain_grad:
                for y in f.outputs:
                    y().grad = None


def as_variable(x):
    return x if isinstance(x, Variable) else Variable(as_array(x))


def as_array(x):
    return np.array(x, float) if np.isscalar(x) else x


class Function:
    def __call__(self, *inputs):
        inputs = [as_variable(x) for x in inputs]
        ys = self.forward(*[x.data for x in inputs])
        if not isinstance(ys, tuple):
            ys = (ys,)
        outputs = [Variable(as_array(y)) for y in ys]
        if Config.enable_backprop:
            self.generation = max(x.generation for x in inputs)
            for output in outputs:
                output.set_creator(self)
            self.inputs = inputs
            self.outputs = [ref(output) for output in outputs]
        return outputs if len(outputs) > 1 else outputs[0]


def fit(gx, x):
    return gx if gx.shape == x.shape else sum_to(gx, x.shape)


class Add(Function):
    def forward(self, a, b):
        return a + b

    def backward(self, gy):
        a, b = self.inputs
        return fit(gy, a), fit(gy, b)


class Sub(Function):
    def forward(self, a, b):
        return a - b

    def backward(self, gy):
        a, b = self.inputs
        return fit(gy, a), fit(-gy, b)


class Mul(Function):
    def forward(self, a, b):
        return a * b

    def backward(self, gy):
        a, b = self.inputs
        return fit(gy * b, a), fit(gy * a, b)


class Div(Function):
    def forward(self, a, b):
        return a / b

    def backward(self, gy):
        a, b = self.inputs
        return fit(gy / b, a), fit(gy * (-a / b**2), b)


class Neg(Function):
    def forward(self, x):
        return -x

    def backward(self, gy):
        return -gy


class Pow(Function):
    def __init__(self, c):
        self.c = c

    def forward(self, x):
        return x**self.c

    def backward(self, gy):
        (x,) = self.inputs
        return self.c * x ** (self.c - 1) * gy


class Square(Function):
    def forward(self, x):
        return x * x

    def backward(self, gy):
        (x,) = self.inputs
        return gy * 2.0 * x


class Exp(Function):
    def forward(self, x):
        return np.exp(x)

    def backward(self, gy):
        return gy * self.outputs[0]()


class Log(Function):
    def forward(self, x):
        return np.log(x)

    def backward(self, gy):
        (x,) = self.inputs
        return gy / x


class Sin(Function):
    def forward(self, x):
        return np.sin(x)

    def backward(self, gy):
        (x,) = self.inputs
        return gy * cos(x)


class Cos(Function):
    def forward(self, x):
        return np.cos(x)

    def backward(self, gy):
        (x,) = self.inputs
        return gy * -sin(x)


class Tanh(Function):
    def forward(self, x):
        return np.tanh(x)

    def backward(self, gy):
        y = self.outputs[0]()
        return gy * (1.0 - y * y)


class Reshape(Function):
    def __init__(self, shape):
        self.shape = shape

    def forward(self, x):
        return x.reshape(self.shape)

    def backward(self, gy):
        return reshape(gy, self.inputs[0].shape)


class Transpose(Function):
    def __init__(self, axes=None):
        self.axes = axes

    def forward(self, x):
        return x.transpose(self.axes)

    def backward(self, gy):
        return transpose(gy)


class Sum(Function):
    def __init__(self, axis, keepdims):
        self.axis, self.keepdims = axis, keepdims

    def forward(self, x):
        return np.array(x.sum(axis=self.axis, keepdims=self.keepdims))

    def backward(self, gy):
        (x,) = self.inputs
        if self.axis is not None and not self.keepdims:
            gy = reshape(gy, np.expand_dims(gy.data, self.axis).shape)
        return broadcast_to(gy, x.shape)


class SumTo(Function):
    def __init__(self, shape):
        self.shape = shape

    def forward(self, x):
        lead = x.ndim - len(self.shape)
        ones = tuple(i + lead for i, n in enumerate(self.shape) if n == 1)
        y = x.sum(tuple(range(lead)) + ones, keepdims=True)
        return np.array(y.reshape(self.shape))

    def backward(self, gy):
        return broadcast_to(gy, self.inputs[0].shape)


class BroadcastTo(Function):
    def __init__(self, shape):
        self.shape = shape

    def forward(self, x):
        return np.array(np.broadcast_to(x, self.shape))

    def backward(self, gy):
        return sum_to(gy, self.inputs[0].shape)


class MatMul(Function):
    def forward(self, x, w):
        return x @ w

    def backward(self, gy):
        x, w = self.inputs
        return matmul(gy, w.T), matmul(x.T, gy)


class Linear(Function):
    def forward(self, x, w, b):
        return x @ w if b is None else x @ w + b

    def backward(self, gy):
        x, w, b = self.inputs
        gb = None if b.data is None else sum_to(gy, b.shape)
        return matmul(gy, w.T), matmul(x.T, gy), gb


def linear(x, w, b=None):
    return Linear()(x, w, b)


def sin(x):
    return Sin()(x)


def cos(x):
    return Cos()(x)


def tanh(x):
    return Tanh()(x)


def exp(x):
    return Exp()(x)


def log(x):
    return Log()(x)


def square(x):
    return Square()(x)


def matmul(x, w):
    return MatMul()(x, w)


def transpose(x):
    return Transpose()(x)


def reshape(x, shape):
    return Reshape(shape)(x)


def sum(x, axis=None, keepdims=False):
    return Sum(axis, keepdims)(x)


def sum_to(x, shape):
    return SumTo(shape)(x)


def broadcast_to(x, shape):
    return BroadcastTo(shape)(x)


Variable.__add__ = lambda a, b: Add()(a, b)
Variable.__radd__ = lambda a, b: Add()(b, a)
Variable.__sub__ = lambda a, b: Sub()(a, b)
Variable.__rsub__ = lambda a, b: Sub()(b, a)
Variable.__mul__ = lambda a, b: Mul()(a, b)
Variable.__rmul__ = lambda a, b: Mul()(b, a)
Variable.__truediv__ = lambda a, b: Div()(a, b)
Variable.__rtruediv__ = lambda a, b: Div()(b, a)
Variable.__neg__ = lambda a: Neg()(a)
Variable.__pow__ = lambda a, c: Pow(c)(a)
Variable.__matmul__ = lambda a, b: MatMul()(a, b)
