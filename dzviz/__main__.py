"""``python -m dzviz`` and the command ``dzviz``."""

from __future__ import annotations

import os
import sys

try:
    from dzviz.cli.process import Guard, leave
except KeyboardInterrupt:  # Of the first milliseconds: from here on a `Guard` answers.
    import signal

    if os.name == "posix":  # By dying of it, or a shell goes on with its loop.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.raise_signal(signal.SIGINT)
    sys.exit(130)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def program() -> NoReturn:
    """Run the command line as a program, whose process ends with it."""
    try:
        main()
    except SystemExit as end:
        leave(end.code)
        raise


def main() -> NoReturn:
    """Run the command line and raise SystemExit."""
    with Guard():
        from dzviz.cli.main import run

        sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":  # Perhaps by `runpy`, in a process that goes on.
    main()
