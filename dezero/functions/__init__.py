"""The ops, by family; each is entered into `dezero.ops.OPS` where it is defined."""

from .activations import *
from .algebra import *
from .arithmetic import *
from .convolution import *
from .elementwise import *
from .joining import *
from .linalg import *
from .loss import *
from .normalization import *
from .polar import *
from .pooling import *
from .reduction import *
from .sequences import *
from .shaping import *
