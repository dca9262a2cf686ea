"""The option ``--help`` of all commands."""

from __future__ import annotations

import click


def _show(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        click.echo(ctx.get_help(), color=ctx.color)
        ctx.exit()


HELP = click.Option(
    ["-h", "--help", "_help"],
    is_flag=True,
    is_eager=True,
    expose_value=False,
    help="Show this message and exit.",
    callback=_show,
)


class WithHelp(click.Command):
    """A command with this option.

    click makes one for each command, and looks for translations of its help, which takes 1 ms.
    """

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the option, where it has names."""
        return HELP if self.get_help_option_names(ctx) else None
