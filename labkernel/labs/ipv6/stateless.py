"""Stateless DHCPv6: the O flag, and the server that the original forgot."""

from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected, capture
from labkernel.checks import eventually, looks_at
from labkernel.labs._commands import stop_all
from labkernel.labs._tables import runs
from labkernel.labs.ipv6.topology import ROUTER, lab

if TYPE_CHECKING:
    from labkernel import Attempt

_ASK = (
    "echo 'interface eth0 { information-only; request domain-name-servers, domain-name; };' "
    "> /etc/wide-dhcpv6/ask.conf\n"
    "timeout 2 dhcp6c -f -D -c /etc/wide-dhcpv6/ask.conf eth0 2>&1"
)
_ANSWER = 'sed -n "/nameserver/ { s/.*nameserver[^ ]* //p; q }"'
_EXPECTED = Expected("client", f"{ROUTER} as DNS server by DHCPv6")


def start_kea(file: str) -> str:
    """The command that starts Kea; its pid file is called after its configuration's."""
    return (
        "export KEA_LOCKFILE_DIR=none KEA_PIDFILE_DIR=/run\n"
        f"kea-dhcp6 -c {file} > /var/log/kea.log 2>&1 &"
    )


START_STATELESS = start_kea("/etc/kea/stateless.json")
STOP_KEA = stop_all("/usr/sbin/kea-dhcp6")


@looks_at()
def _unanswered(attempt: "Attempt") -> str:
    kinds = [packet.kind for packet in attempt.packets]
    expected = "an Information-request that nobody answers"
    if "Information-request" not in kinds:
        raise CheckFailed(expected, "none was recorded", "dhcp6c asks, on eth0 of the client.")
    if "Reply" in kinds:
        raise CheckFailed(expected, "a Reply came")
    return "the client asked, and nobody answered: the flag promises a server that isn't there"


@looks_at(sends=True)
def _answered(attempt: "Attempt") -> str:
    if not runs(attempt, "router", "kea-dhcp6"):
        hint = "`kea-dhcp6 -t FILE` says what it does not like in a file; see also its output."
        raise CheckFailed(_EXPECTED, "no kea-dhcp6 runs on router", hint, permanent=True)
    # dhcp6c ends when nobody reads any more what it says, else after its two seconds
    said = attempt.run("client", f"{_ASK} | sed /nameserver/q").output
    if f"] {ROUTER}" in said:
        return f"client gets {ROUTER} as DNS server by DHCPv6, and no address"
    if "receive reply" not in said:
        hint = 'On which interface does it listen? "interfaces-config": eth1 is the LAN\'s.'
        raise CheckFailed(_EXPECTED, "nobody answers", hint)
    if "nameserver" in said:
        hint = 'See "option-data".'
        raise CheckFailed(_EXPECTED, "the reply has another", hint, permanent=True)
    hint = '"option-data": dns-servers.'
    raise CheckFailed(_EXPECTED, "the reply has none", hint, permanent=True)


ask = lab.step(
    "ask",
    "Ask for the other things",
    on="client",
    run=f"{_ASK} | {_ANSWER}",
    check=eventually(_unanswered, within=2),
    wrong="true",
    observe=[capture("lan", only="udp port 547")],
)

answer = lab.task(
    "answer",
    "Give the client an answer",
    on="router",
    about=f"Have Kea answer on the LAN, without leases: the DNS server is {ROUTER}. "
    "Addresses come from the advertisement as before.",
    solution=f"""\
mkdir -p -m 750 /run/kea /var/lib/kea
cat > /etc/kea/stateless.json <<END
{{ "Dhcp6": {{
    "interfaces-config": {{ "interfaces": [ "eth1" ] }},
    "lease-database": {{ "type": "memfile", "persist": false }},
    "option-data": [ {{ "name": "dns-servers", "data": "{ROUTER}" }} ] }} }}
END
{STOP_KEA}
{START_STATELESS}""",
    check=eventually(_answered, within=3),
    undo=STOP_KEA,
    hint=[
        "A server without leases has no subnets: only options, and an interface to listen on.",
        'Kea: "interfaces-config" with eth1, "option-data" with dns-servers. (See /etc/kea.)',
        "KEA_PIDFILE_DIR=/run KEA_LOCKFILE_DIR=none kea-dhcp6 -c FILE &, and mkdir /run/kea.",
    ],
)
