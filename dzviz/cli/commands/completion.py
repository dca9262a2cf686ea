"""``dzviz completion``: the script with which a shell completes commands, options and variables."""

from __future__ import annotations

import click

from dzviz.cli.commands import COMPLETION
from dzviz.errors import UsageError

SHELLS = {
    "bash": 'eval "$(dzviz completion bash)"   # in ~/.bashrc',
    "zsh": 'eval "$(dzviz completion zsh)"    # in ~/.zshrc, below compinit',
    "fish": "dzviz completion fish | source   # in ~/.config/fish/config.fish",
}
"""The shells, and how each gets its script."""


def completion(shell: str) -> None:
    """Print a script with which a shell completes the options of dzviz.

    After an expression, the shell also completes its variables: dzviz "sin(x)" --<TAB>.
    """
    from click.shell_completion import get_completion_class

    from dzviz.cli.main import root
    from dzviz.cli.output import write_stdout

    made = get_completion_class(shell)
    if made is None:
        raise UsageError(
            f"click does not know how {shell} completes",
            hint="its class of click.shell_completion has to be registered with "
            "add_completion_class",
        )
    script = made(root, {}, "dzviz", COMPLETION).source()
    # Click's script for fish would end a description at its first comma.
    script = script.replace('string split "," ', 'string split --max 1 "," ')
    write_stdout([f"{script}\n"], binary=False)


command = click.Command(
    "completion",
    callback=completion,
    help=completion.__doc__,
    epilog="\b\n" + "\n".join(SHELLS.values()),
    context_settings={"help_option_names": ["-h", "--help"]},
    params=[click.Argument(["shell"], type=click.Choice(list(SHELLS)))],
)
