"""How variables get their values on a command line: ``--NAME VALUE`` and ``--set NAME=VALUE``.

If a variable has the name of an option, ``--set`` gives its value.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

import click

from dzviz.arguments.options import Option
from dzviz.arguments.shell import quoted
from dzviz.errors import DzvizError, UsageError
from dzviz.options import Passes
from dzviz.sources.expression import read

if TYPE_CHECKING:
    from dzviz.sources import Subject


class Named(Protocol):
    """What has variables: ``names`` need a value, ``optional`` ones have one of their own."""

    @property
    def names(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def optional(self) -> Sequence[str]: ...  # noqa: D102


class VariableOption(Option):
    """``--NAME VALUE``, a variable's value."""

    PREFIX = "variable "
    """Keeps a variable's name apart from the parameters of the callback."""

    def __init__(self, name: str, *, optional: bool) -> None:
        super().__init__(
            [f"--{name}"],
            metavar="VALUE",
            help=f"The value of {name}{', instead of its default' if optional else ''}.",
            multiple=True,
            heading=Passes.heading,
            documents=True,
        )
        self.name = f"{self.PREFIX}{name}"


def give(given: dict[str, tuple[str, str]], name: str, value: str, words: str) -> None:
    """Note a variable's value and the words that gave it; two of them are one too many."""
    if name in given:
        before = given[name][1]
        raise UsageError(f"{name} is given twice: {shortened(before)} and {shortened(words)}")
    given[name] = value, words


def read_assignment(assignment: str, subject: Named, option: str = "--set") -> tuple[str, str]:
    """Read ``NAME=VALUE`` of an ``option``.

    Raises:
        UsageError: It is not of this form, or the expression has no such variable.
    """
    name, equals, value = assignment.partition("=")
    name = unicodedata.normalize("NFKC", name.strip())
    if not equals:
        raise UsageError(
            f"{option} takes NAME=VALUE, not {shortened(assignment)}",
            hint=f"as in {assignment_of('set', assignment)}"
            if "set" in variables_of(subject)
            else f"as in {option} x=3",
        )
    if name not in variables_of(subject):
        raise UsageError(
            f"there is no variable {shortened(name)}", hint=describe_variables(subject)
        )
    return name, value


def variables_of(subject: Named) -> tuple[str, ...]:
    """Return all names that may be given a value; those beyond ``subject.names`` need none."""
    return (*subject.names, *subject.optional)


def describe_variables(subject: Named) -> str:
    """Say which variables there are to give values to."""
    known = variables_of(subject)
    if not known:
        return "there are no variables"
    return f"the variable{'s are' if len(known) > 1 else ' is'} {', '.join(known)}"


def option_for(name: str) -> str:
    """Return how to give a variable its value: by its own option, where that is not one of ours."""
    ours = own_options(click.get_current_context().command)
    return f"--set {name}=VALUE" if f"--{name}" in ours else f"--{name} VALUE"


def own_options(command: click.Command) -> set[str]:
    """Return the options that a command has whatever the expression is."""
    return {option for param in command.params for option in param.opts} | {"-h", "--help"}


def refuse_clashes(
    subject: Subject, options: Sequence[tuple[str, str]], command: click.Command
) -> None:
    """Refuse an option of ours that also is the name of a variable, unless --set has its value.

    Raises:
        UsageError: It may be meant for the variable; the hint gives it to that.
    """
    given = [(unicodedata.normalize("NFKC", option), value) for option, value in options]
    assigned = {value.partition("=")[0].strip() for option, value in given if option == "--set"}
    for name in variables_of(subject):
        for option, value in given:
            if option == f"--{name}" and option in own_options(command) and name not in assigned:
                place = subject.place(name)
                what = "parameter" if place is None else "variable"
                raise UsageError(
                    f"{option} is an option of dzviz {command.name}, but there is also a {what} "
                    f"{name}",
                    place=place,
                    hint=f"to set the {what}, write {assignment_of(name, value)}; {option} "
                    "remains the option",
                )


def assignment_of(name: str, value: str) -> str:
    """Write the option that gives a variable this value, if it can be one."""
    with suppress(DzvizError):
        if value.startswith("@") or not read(value).names:
            return f"--set {quoted(f'{name}={value}')}"
    return f"--set {name}=VALUE"


def hint_for(text: str, options: Sequence[str], value: str) -> str | None:
    """Return how to give a variable its value, where an option of ours has the name of one."""
    for option in options:
        name = option.removeprefix("--")
        with suppress(DzvizError):
            if name in read(text).names:
                return f"to set the variable, write {assignment_of(name, value)}"
    return None


def shortened(text: str) -> str:
    """Quote what the user wrote, or its beginning."""
    from dzviz.text.phrases import clean

    return f"'{clean(text, 60)}'"
