"""Usual mistakes and other right answers: renumbering."""

from labkernel import Mistake
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
    ],
}
