"""Interface identifiers: stable and private (RFC 7217), and temporary (RFC 8981)."""

from labkernel.labs.ipv6.checks.addressing import private, temporary
from labkernel.labs.ipv6.commands.addressing import AGAIN
from labkernel.labs.ipv6.topology import INTERNET, ON_LAN, lab

hide = lab.task(
    "hide",
    "Replace the EUI-64 identifier by a stable private one",
    on="client",
    about="The last 64 bits of the client's address are its MAC address, with ff:fe in the middle: "
    "whoever sees it in two networks knows that it is the same machine. Have the client make an "
    "identifier that differs from network to network, and is the same in each (RFC 7217).",
    solution=f"sysctl -w net.ipv6.conf.eth0.addr_gen_mode=3\n{AGAIN}",
    check=private("client", "eth0", ON_LAN),
    undo=f"sysctl -w net.ipv6.conf.eth0.addr_gen_mode=0\n{AGAIN}",
    hint=[
        "How an identifier is made is a setting of the interface: net.ipv6.conf.eth0.…",
        "addr_gen_mode: 0 is EUI-64, 2 and 3 are stable and private; 3 makes its own secret.",
        "Addresses that are there stay: `ip -6 address flush dev eth0 scope global`, then rdisc6.",
    ],
)

pass_by = lab.task(
    "pass-by",
    "Prefer temporary addresses",
    on="client",
    about="The client's address is private, but the same for as long as it is in this network. "
    "Have it send from temporary addresses (RFC 8981).",
    solution=f"sysctl -w net.ipv6.conf.eth0.use_tempaddr=2\n{AGAIN}",
    check=temporary("client", "eth0", INTERNET),
    undo=f"sysctl -w net.ipv6.conf.eth0.use_tempaddr=0\n{AGAIN}",
    hint=[
        "It is a setting of the interface again: `sysctl net.ipv6.conf.eth0 | grep temp`.",
        "use_tempaddr: 1 makes them, 2 prefers them as well.",
        "They are made together with a new address: flush, and ask for an advertisement.",
    ],
)
