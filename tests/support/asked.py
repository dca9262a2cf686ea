"""Ask about planted faults and sound programs, and say what was not answered as it should be."""

from dzviz.diagnosis.answers import CAUSES

SOUND_CAUSES = ("frozen", "integer", "no derivative", "constant", "later data")


def wrong_answers(faults, zeros=()):
    """Return a sentence for each fault that is not answered with its cause, its words, its mend.

    An engine gives ``zeros`` instead of none for these causes.
    """
    wrong = []
    for fault in faults:
        answer = {answer.name: answer for answer in fault.ask()}.get(fault.of)
        if answer is None:
            wrong.append(f"{fault.name}: {fault.of} is not answered")
            continue
        state = CAUSES[fault.cause].state
        states = (state, "zero") if fault.cause in zeros else (state,)
        missing = [word for word in fault.words if word not in answer.sentence]
        right = answer.cause == fault.cause and answer.state in states and not missing
        right &= bool(answer.mend) and fault.mend in answer.mend
        fails = state != "fine" and fault.cause not in SOUND_CAUSES
        if not right or answer.fails() != fails:
            wrong.append(
                f"{fault.name}: {fault.cause} {fault.words} {fault.mend!r} expected, and it says\n"
                f"    [{answer.state}, {answer.cause}] {answer.sentence}\n    {answer.mend}"
            )
    return wrong


def blamed(sound):
    """Return what is said against sound programs."""
    return [
        f"{name}: {answer.sentence}"
        for name, ask in sound.items()
        for answer in ask()
        if (answer.state, answer.mend) != ("fine", "")
        or answer.cause not in ("derivative", "shared")
    ]
