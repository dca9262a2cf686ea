"""The ops, by family; each is entered into `dezero.ops.OPS` where it is defined."""

from .algebra import *
from .arithmetic import *
from .elementwise import *
from .loss import *
from .reduction import *
from .shaping import *
