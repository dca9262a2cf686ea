"""The terms of dzviz: one word for one thing, in pages, help, errors and pictures.

It knows nothing of graphs; ``docs/reference/glossary.md`` is made of it.
"""

from __future__ import annotations

from collections.abc import Mapping

from dzviz.records import NamedTuple

__all__ = ["TERMS", "Term"]


class Term(NamedTuple):
    """What a term means, and the words that are not used for the same thing."""

    meaning: str
    avoid: tuple[str, ...] = ()


TERMS: Mapping[str, Term] = {
    "backend": Term(
        "The package that computes a function of a Python file: NumPy, PyTorch or JAX "
        "(`--backend`)."
    ),
    "backward pass": Term(
        "The walk from the outputs to the leaves that computes the gradients. In short: the pass, "
        "if no forward pass is meant.",
        ("reverse pass", "back pass", "pass back", "backward walk"),
    ),
    "bound": Term(
        "The largest error that rounding can have made in a number. A number that is no larger "
        "than "
        "its bound is shown as `~0`."
    ),
    "caption": Term(
        "The lines below a picture: the formula, and which derivative the gradients are."
    ),
    "constant": Term("A number in a formula. It has no gradient."),
    "creator": Term("The Function that computed a Variable. A leaf has none."),
    "document": Term(
        "A text that contains markers: Markdown, reStructuredText, AsciiDoc, or a page of Sphinx "
        "or "
        "MkDocs."
    ),
    "edge": Term(
        "An arrow in a picture: from an operand to a Function, or from there to its result."
    ),
    "engine": Term(
        "What builds a graph and runs its backward pass: dzviz's own `dezero`, a DeZero that you "
        "wrote, micrograd, PyTorch or JAX. A *layout engine* places the nodes of a picture "
        "(`--engine`)."
    ),
    "event": Term(
        "One thing that happens in a pass, such as `forward`, `seed`, `rule` or `release`. `dzviz "
        "trace` prints one event per line."
    ),
    "expression": Term(
        "The text that a command computes, also called a formula. It is written in [the language]"
        "(language.md)."
    ),
    "film": Term(
        "A picture that plays: an animated SVG (`--animate`) or GIF.", ("movie", "video clip")
    ),
    "fold": Term(
        "To draw several nodes as one: a frame, an op made of other ops, or whatever repeats "
        "(`--fold`, `--depth`). The opposite is to expand."
    ),
    "forward pass": Term("The computation of all values, from the leaves to the outputs."),
    "frame": Term(
        "A rectangle around nodes that belong together: a call of a function, a module, the body "
        "of "
        "a loop, an expanded op, or the part of one derivative."
    ),
    "Function": Term(
        "A node that computes: one use of an op, with its operands and its result. With a small "
        "f, "
        "a function is a function in Python or mathematics."
    ),
    "gain": Term(
        "The norm of what an op sends back to an operand, divided by the norm of what reached it."
    ),
    "generation": Term(
        "One more than the largest generation among the creators of a Function's operands; 0 if "
        "all of them are leaves. The backward pass takes the Function with the highest generation "
        "first."
    ),
    "gradient": Term(
        "The derivative of the outputs by a Variable: `grad`. It is the sum of the shares that "
        "reach "
        "the Variable."
    ),
    "graph": Term("Variables and Functions, with the edges between them."),
    "group": Term("Nodes that are drawn in one frame, or folded into one node."),
    "key": Term(
        "The lines below a picture that explain its marks (`--legend`).", ("legend", "colour key")
    ),
    "leaf": Term("A Variable without a creator, such as an input. Leaves keep their gradients."),
    "local derivative": Term("The derivative of a Function's result by one of its operands."),
    "mark": Term("A sign in a picture that says something about a node or an edge."),
    "marker": Term("A comment in a document that contains a command of dzviz."),
    "node": Term("A Variable or a Function in a graph."),
    "None": Term(
        "The gradient of a Variable that no share has reached, or whose gradient was released."
    ),
    "op": Term(
        "An operation that has a derivative rule, such as `+`, `sin` or `matmul` ([all ops]"
        "(../ops.md)). A Function is one use of an op."
    ),
    "operand": Term(
        "A Variable that a Function computes with. (An argument is what a function in Python is "
        "called with.)"
    ),
    "order": Term("How often a formula is differentiated: `--order 2` is the second derivative."),
    "output": Term("A Variable at which a backward pass starts."),
    "page": Term(
        "An HTML file that shows a graph step by step (`-o page.html`). A *live page* also "
        "computes "
        "it again (`dzviz live`)."
    ),
    "path": Term("A sequence of edges from one node to another."),
    "picture": Term("A graph that is drawn, in any format."),
    "released": Term(
        "Said of a gradient that was computed and then set to None, because only leaves keep "
        "their "
        "gradients. Pictures show what it was: `None (was 1)`.",
        ("let go", "thrown away"),
    ),
    "remark": Term("A line that `dzviz lint` prints about a risky form."),
    "retained": Term(
        "Said of the gradient of an intermediate value that was kept after the pass "
        "(`--retain-grad`)."
    ),
    "rounding error": Term(
        "The difference between a computed number and the exact one that comes from limited digits."
    ),
    "rule": Term(
        "The part of an op that turns the gradient of its result into the shares of its operands, "
        "for example `gy * cos(x)`."
    ),
    "saturated": Term(
        "Said of an op whose local derivative is nearly 0, such as `tanh` of a large number."
    ),
    "seed": Term(
        "The gradient of an output with which the backward pass starts; 1 unless you set it. (The "
        "seed of random numbers is `--random-seed`.)"
    ),
    "share": Term(
        "The part of a gradient that flows back along one edge. The gradient of a Variable is the "
        "sum "
        "of its shares. Options, Python and JSON call shares `contributions`."
    ),
    "source": Term(
        "Where a graph comes from: an expression, a Python function, an engine, a backend, or "
        "JSON. "
        "In Python, code that turns the values of an engine into a graph."
    ),
    "state": Term(
        "What happened to a gradient: kept, released, retained, None, or in words of the engine."
    ),
    "step": Term("One moment of the passes; films and pages show a graph at each step."),
    "style": Term("How a graph is turned into shapes (`--style`)."),
    "sweep": Term("A graph that is computed for many values of one or two variables (`--sweep`)."),
    "theme": Term("The colours of a picture (`--theme`)."),
    "up to date": Term(
        "Said of a document whose pictures are what its markers would draw now.",
        ("stale", "outdated"),
    ),
    "upstream": Term("Said of the gradient that a Function receives from its result."),
    "Variable": Term(
        "A node that holds data and a gradient. A *variable* with a small v is a name in a "
        "formula "
        "whose value you give."
    ),
    "watch": Term("To record the pass of an engine while other code runs it (`dzviz.watch`)."),
}
"""Every term with its meaning."""
