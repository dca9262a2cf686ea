"""How the fix is worded if another package than our engine computed the graph."""

from __future__ import annotations

from collections.abc import Mapping

from dzviz.records import NamedTuple


class Words(NamedTuple):
    """How one engine's user does what a mend asks for; ``{name}`` is the variable.

    ``values`` is what computes there, ``clear`` starts a gradient again, ``keep`` keeps one in the
    middle, ``variable`` makes a variable of a constant, ``whole`` makes floats of whole numbers,
    ``checks`` what tells a wrong rule.
    """

    values: str
    clear: str
    keep: str
    variable: str
    whole: str
    checks: str


ENGINES: Mapping[str | None, Words] = {
    None: Words(
        "Variables",
        "call {name}.cleargrad() before each pass, unless gradients should add up",
        "--retain-grad keeps it; in Python, retain_grad=True",
        "make it a Variable if you want its gradient",
        "make it a float: np.asarray({name}, float)",
        "dzviz gradcheck",
    ),
    "torch": Words(
        "tensors",
        (
            "set {name}.grad = None (or call optimizer.zero_grad()) before each pass, "
            "unless gradients should add up"
        ),
        "call retain_grad() on it before the pass; here, --retain-grad keeps it",
        "give it requires_grad=True if you want its gradient",
        "make it a float: {name}.float().requires_grad_()",
        "torch.autograd.gradcheck",
    ),
    "jax": Words(
        "jax.numpy",
        "it is the gradient of a single call of jax.grad",
        "--retain-grad keeps it; in Python, retain_grad=True; for jax.grad, make it an argument",
        "make it an argument of the function if you want its gradient",
        "make it a float: {name}.astype(float)",
        "jax.test_util.check_grads",
    ),
}
"""The words of each engine by its name in a Graph; None is ours, or one that is not known."""


def words_of(engine: str | None) -> Words:
    """Return the words of an engine; of one that is not known those of ours."""
    return ENGINES.get(engine, ENGINES[None])
