"""``python -m dzviz`` and the command ``dzviz``."""

from __future__ import annotations

import sys

try:
    from dzviz.cli.process import guard
except KeyboardInterrupt:  # Of the first milliseconds: from here on `guard` answers.
    sys.exit(130)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def main() -> NoReturn:
    """Run the command line and end the process."""

    def run() -> int:
        from dzviz.cli.main import run

        return run(sys.argv[1:])

    guard(run)


if __name__ == "__main__":
    main()
