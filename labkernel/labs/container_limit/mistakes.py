"""The container limit: what trainees usually get wrong, and what the checks then say."""

from labkernel import Mistake, Right
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
        Mistake(  # another bridge of that name
            "ip link del full\nip link add full type bridge\n"
            "ip link add late type veth peer name late-peer\n"
            "ip link set late master full",
            says="the others are gone",
            # what `fill-bridge` made goes, and the first ports come back
            fix="ip link del late\n"
            "ip -batch <(ls /sys/class/net/full/brif | sed 's/^/link del /')\n"
            "ip -batch <(seq -f 'link set p%g master full' 1 1023)",
            fix_first=True,
        ),
        Mistake(  # a name that is only an alias
            "ip link set p2 alias late",
            says="there is no such interface",
            fix="ip link set p2 alias ''",
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
        Mistake(  # it runs, and is connected to nothing
            "docker rm --force c4\ndocker run --detach --name c4 --network none box",
            says="expected c4 to be connected to docker0",
            fix="docker rm --force c4\ndocker create --name c4 box",
            fix_first=True,
        ),
        Mistake(  # one of those that must go on
            "docker rm --force c3\ndocker start c4",
            says="expected the container c3 to be running",
            fix="docker rm --force c3 c4\ndocker run --detach --name c3 box\n"
            "docker create --name c4 box",
            fix_first=True,
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
        Mistake(  # one port for another
            "ip link del $(ls /sys/class/net/docker0/brif | grep ^p | head -n 1)\n"
            "docker run --detach --name c5 box",
            says="c5 has a port of it",
            fix="docker rm --force c5; fill-bridge docker0 1023",
            fix_first=True,
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
        Mistake(  # half of them
            "ip -6 route add 2001:db8:100::/118 via 2001:db8:1::2",
            says="its route is for 2001:db8:100::/118: 1023 answer",
            fix="ip -6 route flush 2001:db8:100::/118",
        ),
        Mistake(
            "ip -6 route add unreachable 2001:db8:100::/64",
            says="only 0 answer",
            fix="ip -6 route flush 2001:db8:100::/64",
        ),
    ],
}

ALSO_RIGHT = {
    limit.room: [
        Right(  # another goes, and keeps its interface
            "ip link set p7 nomaster\nip link add late type veth peer name late-peer\n"
            "ip link set late master full",
            undo="ip link del late\nip link set p7 master full",
        ),
        Right(
            "bridge link set dev p9 state 0\nip link del p9\n"
            "ip link add late type veth peer name late-peer\nip link set late master full",
            undo="ip link del late\nip link add p9 type veth peer name q9\n"
            "ip link set p9 master full",
        ),
    ],
    limit.retry: [
        Right(  # a bare port goes
            "ip link del $(ls /sys/class/net/docker0/brif | grep ^p | head -n 1)\ndocker start c4",
            undo="docker rm --force c4\nfill-bridge docker0 1023\ndocker create --name c4 box",
        ),
        Right(  # made again
            "docker stop c1\ndocker rm --force c4\ndocker run --detach --name c4 box",
            undo="docker rm --force c4\ndocker start c1\ndocker create --name c4 box",
        ),
    ],
    limit.another: [
        Right(  # without a bridge
            "docker run --detach --name c5 --network host box",
            undo="docker rm --force c5",
        ),
        Right(
            "docker network create --ipv6 --subnet 2001:db8:d::/64 other\n"
            "docker create --name c5 --network other box\ndocker start c5",
            undo="docker rm --force c5\ndocker network rm other",
        ),
    ],
    limit.lead: [
        Right(
            "ip -6 route add default via 2001:db8:1::2",
            undo="ip -6 route del default",
        ),
        Right(
            "ip nexthop add id 1 via 2001:db8:1::2 dev eth0\n"
            "ip -6 route add 2001:db8:100::/65 nhid 1\n"
            "ip -6 route add 2001:db8:100:0:8000::/65 nhid 1",
            undo="ip -6 route flush 2001:db8:100::/65\nip -6 route flush 2001:db8:100:0:8000::/65\n"
            "ip nexthop del id 1",
        ),
    ],
}
