"""A firewall for containers that have no NAT before them."""

from labkernel.labs.docker_prefix_delegation.checks.guarding import guarded, open_ports
from labkernel.labs.docker_prefix_delegation.commands.guarding import GUARD
from labkernel.labs.docker_prefix_delegation.topology import SERVER, WEB, lab

second = lab.step(
    "second",
    "Start a private service in the container",
    on="host",
    run="docker restart web\ndocker exec web httpd -p 8081 -h /www",
    check=open_ports(WEB, 80, 8081),
    undo="docker restart web",
)

guard = lab.task(
    "guard",
    "Filter the containers' incoming packets",
    on="host",
    about="Without NAT everything is reachable, port 8081 as well. On the host, let in to the "
    "containers: port 80, ICMPv6, and answers to what they asked. Nothing else.",
    solution=GUARD,
    check=guarded(WEB, SERVER),
    undo="ip6tables -F FORWARD",
    hint=[
        "The host forwards to the containers: the chain is FORWARD, and they are behind docker0.",
        (
            "First what belongs to a conversation that they began (conntrack: ESTABLISHED, "
            "RELATED), then ICMPv6, which IPv6 does not work without, then TCP to port 80; the "
            "last rule refuses the rest."
        ),
        "Four rules, each `ip6tables -A FORWARD -o docker0 …`; the last is `-j REJECT`.",
    ],
)
