"""What a command line asks for: a command by its name, or else a picture of an expression."""

from __future__ import annotations

import os
import re
import sys
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from dzviz import __version__
from dzviz.arguments.help import WithHelp
from dzviz.arguments.shell import quoted
from dzviz.budget import COMMAND, limited
from dzviz.cli.commands import COMMANDS, COMPLETION, load
from dzviz.cli.process import obey
from dzviz.errors import DzvizError, UsageError, out_of_memory
from dzviz.files import release_folder

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

INTRODUCTION = """\
dzviz draws the computational graph of a formula, with its gradients. Try:

  dzviz "sin(x)" --x 1.0 --retain-grad
  dzviz "a = x**2; a*sin(a)" --x 3 -o graph.svg
  dzviz --help
"""


class Root(WithHelp, click.Group):
    """The group of commands, whose first argument may also be an expression."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read a command line that names no command as ``draw``."""
        if args and args[0] not in (*COMMANDS, "--help", "-h", "--version"):
            args = ["draw", *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command."""
        return load(cmd_name) if cmd_name in COMMANDS else None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the name of a command without loading those that it may be."""
        from click.shell_completion import CompletionItem

        names = [name for name in COMMANDS if name.startswith(incomplete)]
        items = [CompletionItem(name, help=COMMANDS[name]) for name in names]
        return [*items, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the first things to try, and what the exit codes say."""
        from dzviz.cli.help import epilog

        epilog(formatter)


root = Root(
    "dzviz",
    help="Draw the computational graph of a formula, with every value and every gradient.",
    options_metavar="",
    subcommand_metavar="EXPR [--NAME VALUE]... [OPTIONS]  |  COMMAND ...",
    context_settings={"help_option_names": ["-h", "--help"]},
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            help="Show the version and exit.",
            callback=lambda ctx, _, value: _show_version(ctx) if value else None,
        )
    ],
)


def run(args: Sequence[str]) -> int:
    """Run a command line and return its exit code; errors go to stderr."""
    if not _is_shell(**os.environ):
        os.environ.pop(COMPLETION, None)
    if not any(arg.strip() for arg in args) and COMPLETION not in os.environ:
        sys.stderr.write(INTRODUCTION)
        return UsageError.exit_code
    # Instead of what NumPy would say about an empty mean or an overflow, we say something about the
    # graph.
    warnings.simplefilter("ignore", RuntimeWarning)
    try:
        with limited(COMMAND):
            status = root.main(
                list(args), prog_name="dzviz", complete_var=COMPLETION, standalone_mode=False
            )
        return status if isinstance(status, int) else 0
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        from dzviz.arguments.errors import in_our_words

        return fail(meant(args, in_our_words(error)))
    except DzvizError as error:
        return fail(meant(args, error))
    except MemoryError:
        return fail(out_of_memory())
    finally:
        release_folder()


def _is_shell(_DZVIZ_COMPLETE: str = "", COMP_CWORD: str = "", **others: str) -> bool:  # noqa: N803
    """Whether a shell asks how a line goes on, and says which line; else click would fail."""
    shell, _, what = _DZVIZ_COMPLETE.partition("_")
    if what == "complete" and "COMP_WORDS" in others:
        return shell == "fish" or (shell in ("bash", "zsh") and COMP_CWORD.isdecimal())
    return what == "source" and shell in ("bash", "zsh", "fish")


def fail(error: DzvizError) -> int:
    """Explain an error on stderr and return its exit code."""
    from dzviz.language.carets import explain

    obey()
    sys.stderr.write(f"{explain(error)}\n")
    return error.exit_code


def meant(args: Sequence[str], error: DzvizError) -> DzvizError:
    """Name the command that a first word seems to stand for, which was read as an expression."""
    first, *rest = args
    assigned = (f"--{first}", f"--{first}=", "--set", f"--set={first}=")
    if not isinstance(error, UsageError):
        return error
    if any(arg.startswith(assigned) for arg in rest):
        return formula_called_so(first, rest, error)
    instead = _instead(first, rest)
    if instead is None:
        return error
    hint = f"did you mean: {' '.join(['dzviz', *map(quoted, instead)])}"
    if error.place is not None:  # the word may be a variable all the same
        hint = f"{error.hint}; or {hint}"
    return UsageError(str(error), place=error.place, hint=hint)


def formula_called_so(first: str, rest: Sequence[str], error: UsageError) -> UsageError:
    """Say how a formula is drawn that is a name alone, if that is also the name of a command."""
    values = (f"--{first}", f"--{first}=", f"--set={first}=", f"{first}=")
    if first not in COMMANDS or not any(arg.startswith(values) for arg in rest):
        return error
    command = " ".join(["dzviz", "draw", *map(quoted, (first, *rest))])
    hint = f"if the formula is only this name: {command}"
    return UsageError(str(error), place=error.place, hint=hint)


def _instead(first: str, rest: Sequence[str]) -> list[str] | None:
    """Return the arguments that were meant."""
    import difflib

    if first in COMMANDS or not re.fullmatch("-{0,2}[A-Za-z]+", first):
        return None
    if first in ("-v", "-V"):
        return ["--version"]
    words = {"help": "--help", "version": "--version", **{name: name for name in COMMANDS}}
    close = difflib.get_close_matches(first.lstrip("-").lower(), words, 1, 0.7)
    if not close or (first.startswith("-") and close[0] in COMMANDS):
        return None
    if close == ["help"] and rest and rest[0] in COMMANDS:
        return [rest[0], "--help"]
    return [words[close[0]], *(rest if close[0] in COMMANDS else [])]


def _show_version(ctx: click.Context) -> None:
    click.echo(f"dzviz {__version__}")
    ctx.exit()
