"""Marks the project's code while it is loaded, so that a fuzzer can look at what is reached."""

import sys
from importlib.util import find_spec

GUIDED = "--source=coverage" in sys.argv and find_spec("atheris") is not None

if GUIDED:
    import atheris

    with atheris.instrument_imports(include=["dzviz", "dezero"]):
        import dzviz.cli.commands.batch
        import dzviz.cli.commands.draw
        import dzviz.cli.commands.gradcheck
        import dzviz.cli.commands.trace
        import dzviz.cli.main
        import dzviz.language.evaluate
        import dzviz.language.files
        import dzviz.language.hints
        import dzviz.language.repairs  # noqa: F401
