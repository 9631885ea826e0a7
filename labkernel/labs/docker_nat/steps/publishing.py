"""A published port: the Internet reaches one service of the container."""

from labkernel.checks import printed
from labkernel.labs.docker_nat.checks.publishing import published
from labkernel.labs.docker_nat.commands.publishing import PUBLISH
from labkernel.labs.docker_nat.topology import ADDRESS, SERVER, lab

call_back = lab.step(
    "call-back",
    "Connect to the container from the Internet",
    on="internet",
    run=f"curl -sS --max-time 3 http://[{ADDRESS}]/",
    exits=7,
    check=printed(r"^curl: \(7\) .*", "that there is no way to it"),
    wrong=f"curl -sS http://[{SERVER}]/",
    volatile=r"after (?P<dur>\d+) ms",
)

publish = lab.task(
    "publish",
    "Publish one port by DNAT",
    on="laptop",
    about="Have port 8080 of the laptop lead to port 80 of the container, so that the Internet "
    "gets its page from http://[2001:db8:a::2]:8080/.",
    solution=PUBLISH,
    check=published("2001:db8:a::2", 8080, ADDRESS),
    undo="ip6tables -t nat -F PREROUTING",
    hint=[
        "Now the destination has to change, and before the laptop decides where the packet goes.",
        (
            "The chain is PREROUTING, the target DNAT. An IPv6 address with a port is written in "
            "brackets."
        ),
        (
            "`ip6tables -t nat -A PREROUTING -i eth0 -p tcp --dport 8080 -j DNAT "
            "--to-destination [fd00::242:ac11:2]:80`"
        ),
    ],
)
