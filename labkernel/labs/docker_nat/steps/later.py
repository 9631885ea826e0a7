"""Today's engine: what it does by itself, and what it keeps out."""

from labkernel.checks import both, eventually, printed
from labkernel.labs.docker_nat.checks.later import newer_than
from labkernel.labs.docker_nat.checks.publishing import serves
from labkernel.labs.docker_nat.commands.later import LATER
from labkernel.labs.docker_nat.topology import lab

later = lab.step(
    "later",
    "Repeat it with the engine of a later Debian",
    on="later",
    run=LATER,
    check=both(
        newer_than("later", 27),
        printed(r"^You are 2001:db8:a::3$", "the address of later"),
        eventually(serves("2001:db8:a::3", 8080)),
    ),
    undo="docker rm --force web\nstop-dockerd",
    timeout=90,
    volatile=r"Docker (?P<version>[\d.+a-z]+) answers",
)

direct = lab.step(
    "direct",
    "Connect to a container by a route, past NAT",
    on="router",
    run="ip -6 route replace fd00::/64 via 2001:db8:a::3\n"
    "curl -sS --max-time 1 http://[fd00::2]/\n"
    "curl -sS --max-time 3 http://[2001:db8:a::3]:8080/",
    exits=0,
    check=both(
        printed(r"^curl: \(28\) ", "that nothing comes back"),
        printed(r"^It is a container that answers", "the page by the published port"),
    ),
    undo="ip -6 route del fd00::/64",
    wrong="ip -6 route flush fd00::/64\ncurl -sS --max-time 3 http://[2001:db8:a::3]:8080/",
    volatile=r"after (?P<dur>\d+) milliseconds",
)
