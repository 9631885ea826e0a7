"""Usual mistakes and other right answers: renumbering."""

from labkernel import Mistake, Right
from labkernel.labs import docker_prefix_delegation as pd
from labkernel.labs.docker_prefix_delegation.commands.renumbering import FOLLOW

_ASK_AGAIN = FOLLOW.split("chmod +x /usr/local/sbin/prefix-to-docker\n")[1].replace(
    "\nprefix-to-docker", ""
)

MISTAKES = {
    pd.follow: [
        Mistake("true", says="restart dhcp6c"),
        Mistake(_ASK_AGAIN, says="it gives 2001:db8:1000:8::/64"),
        Mistake(
            f"{_ASK_AGAIN}\nstop-dockerd\nstart-dockerd --ipv6 --fixed-cidr-v6={pd.NEXT_DOCKERS}",
            says="it does not run",
        ),
        Mistake(  # the second of the four
            f"{_ASK_AGAIN}\nstop-dockerd\n"
            "start-dockerd --ipv6 --fixed-cidr-v6=2001:db8:2000:9::/64\ndocker start web",
            says="It is delegated, but not the first of the four",
        ),
        Mistake(  # a network that is not the host's
            f"{_ASK_AGAIN}\nstop-dockerd\n"
            "start-dockerd --ipv6 --fixed-cidr-v6=2001:db8:2000:c::/64\ndocker start web",
            says="and nothing else: no reply comes back",
        ),
    ],
}

ALSO_RIGHT = {
    pd.follow: [
        Right(  # by hand
            f"{_ASK_AGAIN}\nstop-dockerd\n"
            f"start-dockerd --ipv6 --fixed-cidr-v6={pd.NEXT_DOCKERS}\ndocker start web",
        ),
        Right(  # the shell computes it
            f"{_ASK_AGAIN}\n"
            "lo=$(ip -6 -o address show dev lo scope global | grep -o '2001:[0-9a-f:]*' |\n"
            "  cut -d: -f1-4)\n"
            "stop-dockerd\nstart-dockerd --ipv6 "
            "--fixed-cidr-v6=$(printf '%s:%x::/64' ${lo%:*} $((0x${lo##*:} & ~3)))\n"
            "docker start web",
        ),
    ],
}
