"""The container limit: why the 1024th container on a bridge does not start, and the ways past it.

After "Maximum amount of Docker containers on a single host" (2015): the limit is the bridge's.
"""

START = (
    "ip link del full\n"
    "stop-dockerd\n"
    "start-dockerd --ipv6 --fixed-cidr-v6=2001:db8:c::/64\n"
    "make-box > /dev/null\n"
    "fill-bridge docker0 1020"
)

COUNT = """\
ip -6 route show | grep -c ' dev e[0-9]'
ip -o link show type veth | grep ': e[0-9]' | grep -c master"""

FPING = "fping -q -a -i 0 -r 3"
