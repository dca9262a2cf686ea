"""``python -m dzviz`` and the command ``dzviz``."""

from __future__ import annotations

import sys
from typing import NoReturn

from dzviz.cli.process import guard


def main() -> NoReturn:
    """Run the command line and end the process."""

    def run() -> int:
        from dzviz.cli.main import run

        return run(sys.argv[1:])

    guard(run)


if __name__ == "__main__":
    main()
