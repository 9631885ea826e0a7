"""The container limit: what trainees usually get wrong, and what the checks then say."""

from labkernel import Mistake
from labkernel.labs import container_limit as limit

_IN_PLACE_OF_OTHERS = """\
for port in $(ls /sys/class/net/docker0/brif | grep ^p | head -n 2); do ip link del $port; done
docker run --detach --name c5 box"""


MISTAKES = {
    limit.room: [
        Mistake("true", says="there is no such interface"),
        Mistake(
            "ip link add late type veth peer name late-peer",
            says="full has 1023 ports still",
            fix="ip link del late",
        ),
        Mistake(
            "ip link add br1 type bridge; ip link add late type veth; ip link set late master br1",
            says="That is another bridge",
            fix="ip link del late; ip link del br1",
        ),
        Mistake(
            "ip link del p1; ip link add late type veth peer name late-peer",
            says="it is no port of any bridge",
        ),
    ],
    limit.retry: [
        Mistake("true", says="has no port left"),
        Mistake("docker start c4 || true", says="has no port left"),
        Mistake(
            "docker stop c2 && docker start c4",
            says="expected the container c2 to be running",
            fix="docker start c2",
        ),
        Mistake(
            "docker rm --force c4; docker run --detach --name c4 box || true",
            says="has no port left",
        ),
    ],
    limit.another: [
        Mistake("true", says="there is no such container"),
        Mistake(
            "docker network create second && docker create --name c5 --network second box",
            says="it is created",
        ),
        Mistake(
            "docker run --detach --name c5 box || true",
            says="has no port left",
            fix="docker rm --force c5",
        ),
        Mistake(
            _IN_PLACE_OF_OTHERS,
            says="expected 1023 ports on docker0",
            fix="docker rm --force c5; fill-bridge docker0 1023",
            fix_first=True,  # no step knows which ports somebody has deleted
        ),
    ],
    limit.lead: [
        Mistake("true", says="it has no route"),
        Mistake(
            "ip -6 route add 2001:db8:100::/120 via 2001:db8:1::2",
            says="its route is for 2001:db8:100::/120",
            fix="ip -6 route flush 2001:db8:100::/120",
        ),
        Mistake(
            "ip -6 route add 2001:db8:100::/64 dev eth0",
            says="The next hop is the host",
            fix="ip -6 route flush 2001:db8:100::/64",
        ),
        Mistake(
            "ip -6 route add 2001:db8:100::/64 via 2001:db8:1::99",
            says="The next hop is the host",
            fix="ip -6 route flush 2001:db8:100::/64",
        ),
    ],
}
