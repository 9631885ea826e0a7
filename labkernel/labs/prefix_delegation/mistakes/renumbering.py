"""Usual mistakes and other right answers: renumbering."""

from labkernel import Mistake, Right
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
        Mistake(  # both prefixes are right, and the router is none
            _moved(("AdvSendAdvert on;", "AdvSendAdvert on; AdvDefaultLifetime 0;")),
            says="a router lifetime of 0",
            fix=pd.move.undo,
        ),
        Mistake(  # the PC alone has forgotten it
            "ip -6 address flush to 2001:db8:1000:5::/64 dev eth0",
            says="2001:db8:2000:5::/64 is not announced",
            on="pc",
            fix="rdisc6 -1 -q eth0",
        ),
    ],
}

ALSO_RIGHT = {
    pd.move: [
        Right(_moved(("2001:db8:2000:5::/64 { }", "2001:db8:2000:5::1/64 { }"))),
        Right(
            _moved(("AdvPreferredLifetime 0; AdvValidLifetime 7200;", "AdvPreferredLifetime 0;")),
        ),
    ],
}
