"""Usual mistakes and other right answers: renumbering."""

from labkernel import Mistake
from labkernel.labs import prefix_delegation as pd
from labkernel.labs.prefix_delegation.commands.renumbering import RADVD_MOVE


def _moved(*without: tuple[str, str]) -> str:
    text = RADVD_MOVE
    for old, new in without:
        text = text.replace(old, new)
    return text


MISTAKES = {
    pd.move: [
        Mistake("true", says="2001:db8:2000:5::/64 is not announced"),
        Mistake(
            _moved(("  prefix 2001:db8:1000:5::/64 {", "# {")),
            says="2001:db8:1000:5::/64 is not mentioned any more",
            fix=pd.move.undo,
        ),
        Mistake(
            _moved(("AdvPreferredLifetime 0;", "AdvPreferredLifetime 60;")),
            says="announced as preferred for 60 s",
            fix=pd.move.undo,
        ),
    ],
}
