"""Commands and files for containers on the link."""

from labkernel.labs._commands import stop_all

ON_LINK = """\
docker rm --force near 2> /dev/null
docker network rm --force onlink
docker network create --ipv6 --subnet 2001:db8:1000:0:d::/80 \\
  -o com.docker.network.bridge.name=onlink0 onlink
docker run --detach --name near --network onlink --ip6 2001:db8:1000:0:d::10 box"""

PROXY = """\
sysctl -w net.ipv6.conf.eth0.proxy_ndp=1
ip -6 neigh add proxy 2001:db8:1000:0:d::10 dev eth0"""

STOP_NDPPD = stop_all("/usr/sbin/ndppd")

# Without these times ndppd asks a container that is still starting for half a second, and then does
# not hear any question about it for half a minute.
NDPPD = f"""\
cat > /etc/ndppd.conf <<END
proxy eth0 {{
  timeout 2000
  ttl 2000
  rule 2001:db8:1000:0:d:e::/96 {{
    iface onlink0
  }}
}}
END
{STOP_NDPPD}
ndppd -d -p /run/ndppd.pid
docker rm --force nearer 2> /dev/null
docker run --detach --name nearer --network onlink --ip6 2001:db8:1000:0:d:e:0:10 box"""

MORE = """\
add() { docker exec --privileged $1 sh -c \\
  'for i in $(seq 101 120); do ip address replace '$2'$i/128 dev eth0; done'; }
add web 2001:db8:2000:8::
add near 2001:db8:1000:0:d::
add nearer 2001:db8:1000:0:d:e:0:
for i in $(seq 101 120); do ip -6 neigh add proxy 2001:db8:1000:0:d::$i dev eth0; done"""

LESS = """\
less() { docker exec --privileged $1 sh -c \\
  'for i in $(seq 101 120); do ip address del '$2'$i/128 dev eth0; done'; }
less web 2001:db8:2000:8::
less near 2001:db8:1000:0:d::
less nearer 2001:db8:1000:0:d:e:0:
for i in $(seq 101 120); do ip -6 neigh del proxy 2001:db8:1000:0:d::$i dev eth0; done"""
