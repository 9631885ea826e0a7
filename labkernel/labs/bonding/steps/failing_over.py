"""Failover: a link is pulled during a ping."""

from labkernel import cables
from labkernel.labs.bonding.checks.failing_over import went_on
from labkernel.labs.bonding.commands.failing_over import LOSS, PULL
from labkernel.labs.bonding.topology import lab

pulled = lab.step(
    "pulled",
    "Pull a link during a ping",
    on="server",
    run=PULL,
    check=went_on,
    wrong="echo 200 packets transmitted, 0 received",
    observe=[cables()],
    timeout=180,
    volatile=LOSS,
    about="When the command says so, the lab pulls the cable: both of its ends lose their carrier, "
    "as with a real one. In the end it is put back.",
)
