"""Prefix delegation: what trainees usually get wrong, and what the checks then say."""

import pytest

from labkernel import CheckFailed, RunningLab
from labkernel.labs import prefix_delegation as pd

pytestmark = pytest.mark.backend

LAB = "prefix-delegation"


FILTER = """\
nft add table inet lost
nft add chain inet lost input '{ type filter hook input priority 0; }'
nft add rule inet lost input icmpv6 type nd-neighbor-solicit drop"""


@pytest.mark.walk(pd.anyip)
def test_a_neighbour_that_does_not_answer(running: RunningLab) -> None:
    """Where every route is right and a solicitation gets no answer, the check names who asks."""
    running.run("pc", FILTER, expect=0)
    running.run("cpe", f"{pd.anyip.solution}\nip -6 neigh flush dev lan0", expect=0)
    try:
        with pytest.raises(CheckFailed) as caught:
            running.evidence(pd.anyip)
    finally:
        running.run("pc", "nft delete table inet lost", expect=0)
        running.run("cpe", pd.anyip.undo, expect=0)
    assert f"cpe does not find the MAC address of {pd.NEXT_PC} (neighbour " in str(caught.value)


@pytest.mark.walk(pd.lead)
def test_the_address_of_the_wan_is_right_as_well(running: RunningLab) -> None:
    """The next hop may be the CPE's address by DHCPv6 or SLAAC, which differs from run to run."""
    listed = running.run("cpe", "ip -6 -o address show dev wan0 scope global").output
    wan0 = listed.split()[3].split("/")[0]
    outcome = running.do(pd.lead, f"ip -6 route add 2001:db8:1000::/60 via {wan0} dev eth1")
    assert outcome.passed, outcome.verdict()
    running.undo(pd.lead)
