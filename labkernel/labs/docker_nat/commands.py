"""The commands of the steps that have more than a line."""

ASK = "docker exec web wget -q -T 3 -O - http://[2001:db8:f::1]/"

RULE = """\
ip6tables -t nat -F POSTROUTING
ip6tables -t nat -A POSTROUTING -s fd00::/64 ! -o docker0 -j MASQUERADE"""

PUBLISH = """\
ip6tables -t nat -F PREROUTING
ip6tables -t nat -A PREROUTING -i eth0 -p tcp --dport 8080 \\
  -j DNAT --to-destination [fd00::242:ac11:2]:80"""

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

LATER = f"""\
stop-dockerd
start-dockerd --ipv6 --fixed-cidr-v6=fd00::/64
make-box > /dev/null
docker rm --force web 2> /dev/null
docker run --detach --name web --publish 8080:80 box > /dev/null
ip6tables -t nat -S POSTROUTING | grep fd00::/64
{ASK}"""
