"""Link aggregation: LACP at both ends."""

from labkernel import cables, capture
from labkernel.checks import eventually
from labkernel.labs.bonding.checks.aggregating import aggregated, aggregates, went_on_by_one
from labkernel.labs.bonding.commands import bond
from labkernel.labs.bonding.commands.aggregating import (
    AGGREGATE,
    PULL_THREE,
    SWITCH_AGGREGATES,
    SWITCH_SWITCHES,
)
from labkernel.labs.bonding.commands.failing_over import LOSS
from labkernel.labs.bonding.topology import lab

partner = lab.task(
    "partner",
    "Aggregate the switch's ports (LACP)",
    on="switch",
    solution=SWITCH_AGGREGATES,
    check=aggregates,
    undo=SWITCH_SWITCHES,
    about="Make one port of the switch's four: a bond0 that speaks LACP, in place of them in the "
    "bridge lan.",
    hint=[
        "The server's bond was in the mode active-backup. Which mode speaks LACP?",
        "`ip link add bond0 type bond mode 802.3ad miimon 100`, then eth0 to eth3 as its members.",
        "The ports have left the bridge: `ip link set bond0 master lan up`.",
    ],
)

aggregate = lab.step(
    "aggregate",
    "Aggregate the server's links (802.3ad)",
    on="server",
    run=AGGREGATE,
    check=eventually(aggregated, within=30),
    undo=bond("0 1 2 3"),
    timeout=180,
    observe=[capture("server:eth0", only="ether proto 0x8809")],
    about="Both ends say by LACP what they may aggregate, and what they have understood.",
)

three = lab.step(
    "three",
    "Pull three of four links during a ping",
    on="server",
    run=PULL_THREE,
    check=went_on_by_one,
    wrong="echo 400 packets transmitted, 0 received",
    observe=[cables()],
    timeout=240,
    volatile=LOSS,
    about="A flow of packets takes one of the members, chosen by its addresses. Three go, one "
    "after the other.",
)
