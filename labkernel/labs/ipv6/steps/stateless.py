"""Stateless DHCPv6: the O flag, and the server that the original forgot."""

from labkernel import capture
from labkernel.checks import eventually
from labkernel.labs.ipv6.checks.stateless import answered, unanswered
from labkernel.labs.ipv6.commands.stateless import ANSWER, ASK, FIRST_NAMESERVER, STOP_KEA
from labkernel.labs.ipv6.topology import ROUTER, lab

ask = lab.step(
    "ask",
    "Request stateless DHCPv6",
    on="client",
    run=f"{ASK} | {FIRST_NAMESERVER}",
    check=eventually(unanswered, within=2),
    wrong="true",
    observe=[capture("lan", only="udp port 547")],
)

answer = lab.task(
    "answer",
    "Serve stateless DHCPv6",
    on="router",
    about=f"Have Kea answer on the LAN, without leases: the DNS server is {ROUTER}. "
    "Addresses come from the advertisement as before.",
    solution=ANSWER,
    check=eventually(answered, within=3),
    undo=STOP_KEA,
    hint=[
        "A server without leases has no subnets: only options, and an interface to listen on.",
        'Kea: "interfaces-config" with eth1, "option-data" with dns-servers. (See /etc/kea.)',
        "KEA_PIDFILE_DIR=/run KEA_LOCKFILE_DIR=none kea-dhcp6 -c FILE &, and mkdir /run/kea.",
    ],
)
