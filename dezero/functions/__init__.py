"""The ops, by family; each is entered into `dezero.ops.OPS` where it is defined."""

from dezero.functions.algebra import *
from dezero.functions.arithmetic import *
from dezero.functions.elementwise import *
from dezero.functions.loss import *
from dezero.functions.reduction import *
from dezero.functions.shaping import *
