"""What commands write as JSON, against the schemas that are shipped."""

import json
from importlib.resources import files

import jsonschema
from referencing import Registry, Resource

from dzviz.cli import main as cli

ANSWERS = {"why": (0, 1), "flow": (0,), "lint": (0, 1)}
"""Commands that answer a question, each with the exit codes of an answer."""


def schema(name):
    """Return a schema by its file."""
    return json.loads(files("dzviz.formats").joinpath(f"{name}.schema.json").read_text())


def validate(name, document):
    """Raise an error where a document is not as a schema says."""
    graphs = Resource.from_contents(schema("graph"))
    registry = Registry().with_resource("graph.schema.json", graphs)
    jsonschema.Draft202012Validator(schema(name), registry=registry).validate(document)


def answered(capsys, command, *args):
    """Run a command in this process, and return its JSON after a look at it."""

    def refuse(word):
        raise AssertionError(f"{command} {args} wrote {word}")

    try:
        code = cli.run((command, *args, "-T", "json"))
    except SystemExit as end:
        code = end.code or 0
    captured = capsys.readouterr()
    assert code in ANSWERS[command], captured.err
    document = json.loads(captured.out, parse_constant=refuse)
    validate(command, document)
    return document
