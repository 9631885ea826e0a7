"""Commands and files for the ULA and the change of networks."""

from labkernel.labs.docker_nat.commands.masquerading import RULE

OWN_PREFIX = """\
id=$(od -An -N5 -tx1 /dev/urandom | tr -d ' ')
prefix=fd${id:0:2}:${id:2:4}:${id:6:4}::/64
stop-dockerd
start-dockerd --ipv6 --fixed-cidr-v6=$prefix
docker start web
ip6tables -t nat -F POSTROUTING
ip6tables -t nat -A POSTROUTING -s $prefix ! -o docker0 -j MASQUERADE"""

OLD_PREFIX = f"""\
stop-dockerd
start-dockerd --ipv6 --fixed-cidr-v6=fd00::/64
docker start web
{RULE}"""

TO_CAFE = """\
ip link set eth0 down
ip link set eth1 up
ip -6 route replace default via 2001:db8:b::1"""

HOME = """\
ip link set eth1 down
ip link set eth0 up
ip -6 route replace default via 2001:db8:a::1"""
