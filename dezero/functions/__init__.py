"""The ops, by family; each is entered into `dezero.ops.OPS` where it is defined."""

# The order is that of the table, in which it is printed.
# isort: off

from .arithmetic import *
from .elementwise import *
from .activations import *
from .polar import *
from .reduction import *
from .algebra import *
from .linalg import *
from .shaping import *
from .joining import *
from .sequences import *
from .normalization import *
from .convolution import *
from .pooling import *
from .loss import *
from .composed import *
