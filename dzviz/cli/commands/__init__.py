"""The table of commands; each is one module, loaded when it is asked for."""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = {
    "draw": "Draw the computational graph of an expression; what dzviz EXPR does.",
    "live": "Draw in a browser, anew with each change of the formula, a value or an option.",
    "grad": "Print the gradients of an expression, for scripts.",
    "value": "Print what an expression comes to, for scripts.",
    "why": "Say why gradients are what they are: None, 0, NaN, doubled.",
    "explain": "Tell how gradients come about, as equations: text, TeX, MathML, Markdown.",
    "flow": "Say by how much each op makes gradients larger or smaller, and where they vanish.",
    "gradcheck": "Compare the gradients of an expression with numerical ones.",
    "diff": "Say where two graphs first differ: in structure, values, gradients or shares.",
    "lint": "Say what is risky in an expression though it computes, and what is written better.",
    "trace": "Tell what happens in the forward and backward passes, one line an event.",
    "ops": "List the functions that expressions know.",
    "embed": "Write the pictures that documents ask for into them, or check that they are there.",
    "batch": "Draw many expressions, one a line of a file, each into a file of its own.",
    "completion": "Print what makes a shell complete the options of dzviz.",
}
"""The commands by their names, each with its help on one line."""


COMPLETION = "_DZVIZ_COMPLETE"
"""The environment variable by which a shell asks how a line may go on."""


def load(name: str) -> click.Command:
    """Return a command of the table."""
    command: click.Command = import_module(f"dzviz.cli.commands.{name}").command
    command.short_help = COMMANDS[name]
    return command
