"""The table of commands; each is one module, or made of its result, when it is asked for."""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = {
    "draw": "Draw the computational graph of an expression; what dzviz EXPR does.",
    "live": "Draw in a browser, and again after each change of the formula, a value or an option.",
    "grad": "Print the gradients of an expression (for scripts).",
    "value": "Print the value of an expression (for scripts).",
    "why": "Explain why gradients are None, 0, NaN or doubled.",
    "explain": "Write the derivation of the gradients as equations: text, TeX, MathML, Markdown.",
    "flow": "Show by how much each op enlarges or shrinks gradients, and where they vanish.",
    "gradcheck": "Compare the gradients of an expression with numerical gradients.",
    "diff": "Find where two graphs first differ: in structure, values, gradients or shares.",
    "beside": "Draw two graphs side by side in one picture.",
    "lint": "Find what is numerically risky in an expression, and suggest a better form.",
    "trace": "Print what happens in the forward and backward passes, one event per line.",
    "ops": "List the functions that expressions can use.",
    "embed": "Draw the pictures that documents ask for, or check that they are up to date.",
    "batch": "Draw many expressions, one per line of a file, each into its own file.",
    "completion": "Print a script with which a shell completes the options of dzviz.",
}
"""The commands by their names, each with its help on one line."""

ANSWERS = ("grad", "value", "why", "explain", "flow", "gradcheck")
"""Those that are a result of `dzviz.results` and nothing more."""

COMPLETION = "_DZVIZ_COMPLETE"
"""The environment variable by which a shell asks how a line may go on."""


def load(name: str) -> click.Command:
    """Return a command of the table."""
    if name in ANSWERS:
        from dzviz.cli.answering import command_of

        command: click.Command = command_of(name)
    else:
        command = import_module(f"dzviz.cli.commands.{name}").command
    command.short_help = COMMANDS[name]
    return command
