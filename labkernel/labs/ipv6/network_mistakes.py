"""IPv6, from flags to firewalls: what trainees usually get wrong, and what the checks then say."""

import re

from labkernel import Mistake
from labkernel.labs import ipv6
from labkernel.labs.ipv6.commands import STOP_RADVD, edit_radvd

KEA = ipv6.answer.solution

SET = "sysctl -q -w net.ipv6.conf"

BY_HAND = f"echo nameserver {ipv6.ROUTER} > /etc/resolv.conf"

AGAIN = ipv6.careless.run

OUTPUT = (
    "nft add chain inet filter output '{ type filter hook output priority 0; }'\n"
    "nft add rule inet filter output icmpv6"
)

FILTER = ipv6.filter_port.solution

ROGUE = ipv6.rogue.run.splitlines()[-1]


MISTAKES = {
    ipv6.offlink: [
        Mistake("true", says="but L is set"),
        Mistake(
            edit_radvd("s/AdvAutonomous on/AdvAutonomous off/"),
            says="but it is announced without the A flag",
        ),
        Mistake(STOP_RADVD, says="but no radvd runs there"),
    ],
    ipv6.renew: [
        Mistake("true", says="but the preferred lifetime is 0"),
    ],
    ipv6.answer: [
        Mistake("true", says="but no kea-dhcp6 runs on router"),
        Mistake(KEA.replace('"eth1"', '"eth0"'), says="but nobody answers"),
        Mistake(  # from a file of another name
            KEA.replace("2001:db8::1", "2001:db8::53").replace("stateless", "options"),
            says="but the reply has another",
        ),
        Mistake(
            KEA.replace(
                '"dns-servers", "data": "2001:db8::1"', '"domain-search", "data": "a.example"'
            ),
            says="but the reply has none",
        ),
    ],
    ipv6.lease: [
        Mistake("true", says="A program must ask: dhcp6c"),
        Mistake(
            ipv6.lease.solution.replace("send ia-na 0;", ""),
            says="does not ask for an address",
        ),
        Mistake(
            f"{ipv6.lease.solution}\nip -6 address add 2001:db8::5/64 dev eth0",
            says="What it made itself stays until it expires",
        ),
    ],
    ipv6.unmanage: [
        Mistake("true", says="is announced without the A flag"),
    ],
    ipv6.listen: [
        Mistake("true", says="a router listens only with 2"),
        Mistake(
            f"{SET}.eth0.accept_ra=0", says="accept_ra is 0 on eth0", fix=f"{SET}.eth0.accept_ra=1"
        ),
        Mistake(
            f"{SET}.all.forwarding=0\nrdisc6 -1 -q eth0",
            says="but it forwards no more",
            fix=f"{SET}.all.forwarding=1",
            fix_first=True,
        ),
        Mistake(
            f"ip -6 route add default via {ipv6.ROUTER} dev eth0",
            says="its default route was made by hand",
            fix="ip -6 route del default dev eth0",
        ),
        Mistake(
            f"{SET}.eth0.accept_ra=2",
            says="Ask for an advertisement",
            fix=f"{SET}.eth0.accept_ra=1\nip -6 route del default dev eth0 || true",
        ),
    ],
    ipv6.rdnss: [
        Mistake("true", says="no resolver is known"),
        Mistake(BY_HAND, says="was written by hand", fix=": > /etc/resolv.conf"),
        Mistake(
            "rdnssd -u root -r /run/elsewhere -H /bin/true -p /run/rdnssd.pid",
            says="Into which file does rdnssd write?",
        ),
        Mistake(  # without -p
            "rdnssd -u root -H /bin/true", says="Into which file does rdnssd write?"
        ),
    ],
    ipv6.firewall: [
        Mistake("true", says="Neighbor Discovery is ICMPv6", fix=AGAIN),
        Mistake(
            f"{ipv6.firewall.solution}\n{OUTPUT} type packet-too-big drop",
            says="The router must be able to say packet-too-big",
            fix=AGAIN,
        ),
        Mistake(
            "nft flush ruleset",
            says="a connection from the internet node reaches the client",
            fix=AGAIN,
        ),
        Mistake(
            ipv6.firewall.solution.replace("    ct state established,related accept\n", ""),
            says="in the chain forward",
            fix=AGAIN,
        ),
        Mistake(
            ipv6.firewall.solution.replace(", nd-router-solicit", "").replace(
                "iifname eth1 accept", "iifname eth1 meta l4proto tcp accept"
            ),
            says="nd-router-solicit must come in",
            fix=AGAIN,
        ),
    ],
    ipv6.proxy: [
        Mistake("true", says="nothing listens on port 8888"),
        Mistake(
            ipv6.proxy.solution.replace(f"Listen {ipv6.ROUTER}", "Listen 127.0.0.1"),
            says="the proxy listens on 127.0.0.1:8888",
        ),
        Mistake(
            ipv6.proxy.solution.replace(f"Allow {ipv6.ON_LAN}", "Allow 198.51.100.0/24"),
            says="Who may use it?",
        ),
        Mistake(  # without a PidFile
            re.sub("PidFile.*\n", "", ipv6.proxy.solution).replace(
                "Allow 2001:db8::", "Allow 2001:db8:1::"
            ),
            says="the proxy's answer is 403",
        ),
    ],
    ipv6.prefer: [
        Mistake("true", says="fd6b:1c2d:3e4f::1 comes first"),
        Mistake(
            "echo 'precedence ::ffff:0:0/96 100' > /etc/gai.conf",
            says="Write the whole table",
            fix=ipv6.prefer.undo,
        ),
        Mistake(
            "cp /etc/hosts /tmp/kept; sed '/fd6b/d' /tmp/kept > /etc/hosts",
            says="a name has lost an address",
            fix="cat /tmp/kept > /etc/hosts",
            fix_first=True,
        ),
    ],
    ipv6.guard: [
        Mistake("true", says="it still hears laptop"),
        Mistake(
            "sysctl -q -w net.ipv6.conf.eth0.accept_ra=0",
            says="The router's advertisements are lost as well",
            fix="sysctl -q -w net.ipv6.conf.eth0.accept_ra=1",
            fix_first=True,
        ),
        Mistake(
            ipv6.guard.solution.replace("ip6 saddr != $(via medium) ", ""),
            says="it does not hear the router either",
        ),
        Mistake(
            ipv6.guard.solution.rsplit("\n", 1)[0],
            says="What it has learned already stays",
        ),
        Mistake(ipv6.rogue.undo, says="laptop announces no more", on="laptop", fix=ROGUE),
    ],
    ipv6.filter_port: [
        Mistake("true", says="The switch has no rules yet"),
        Mistake(ipv6.rogue.undo, says="filter its port", on="laptop", fix=ROGUE),
        Mistake(
            FILTER.replace("table bridge", "table inet"),
            says="no family but `bridge` sees them",
        ),
        Mistake(
            FILTER.replace("hook forward", "hook input"),
            says="input is for the switch itself",
        ),
        Mistake(
            FILTER.replace("iifname eth1", "iifname eth0"),
            says="the laptop's is eth1",
        ),
        Mistake(
            FILTER.replace("iifname eth1 ", ""),
            says="laptop does not hear the router any more",
        ),
        Mistake(
            FILTER.replace("icmpv6 type nd-router-advert", "ip6 version 6"),
            says="but laptop does not reach",
        ),
    ],
}
