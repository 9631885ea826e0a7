"""The commands of the steps that write files and start daemons."""

from labkernel.labs._commands import (
    ROUTE_SCRIPT,
    START_KEA,
    STOP_DHCP6C,
    STOP_KEA,
    WRITE_ROUTE_SCRIPT,
    stop_all,
)

KEA = f"""\
{WRITE_ROUTE_SCRIPT}
cat > /etc/kea/kea-dhcp6.conf <<END
{{ "Dhcp6": {{
  "interfaces-config": {{ "interfaces": [ "lan0" ] }},
  "control-socket": {{ "socket-type": "unix", "socket-name": "/run/kea/control" }},
  "lease-database": {{ "type": "memfile", "persist": false }},
  "subnet6": [ {{
    "id": 1, "subnet": "2001:db8:1000::/64", "interface": "lan0",
    "pd-pools": [ {{ "prefix": "2001:db8:1000:8::", "prefix-len": 61, "delegated-len": 62 }} ]
  }} ],
  "hooks-libraries": [ {{ "library": "$(find /usr/lib -name libdhcp_run_script.so)",
    "parameters": {{ "name": "{ROUTE_SCRIPT}", "sync": true }} }} ]
}} }}
END
{STOP_KEA}
{START_KEA}"""


START_CLIENT = "dhcp6c -p /run/dhcp6c.pid eth0"
CLIENT = f"""\
cat > /etc/wide-dhcpv6/dhcp6c.conf <<END
interface eth0 {{ send ia-pd 0; }};
id-assoc pd 0 {{
  prefix-interface lo {{ sla-id 3; sla-len 2; ifid 1; }};
}};
END
{STOP_DHCP6C}
{START_CLIENT}"""

GUARD = """\
ip6tables -P FORWARD ACCEPT
ip6tables -F FORWARD
ip6tables -A FORWARD -o docker0 -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
ip6tables -A FORWARD -o docker0 -p ipv6-icmp -j ACCEPT
ip6tables -A FORWARD -o docker0 -p tcp --dport 80 -j ACCEPT
ip6tables -A FORWARD -o docker0 -j REJECT"""

FOLLOW = f"""\
cat > /usr/local/sbin/prefix-to-docker <<'END'
#!/bin/sh
prefix=$(ip -6 -o address show dev lo scope global | python3 -c '
import ipaddress, sys
own = ipaddress.ip_interface(sys.stdin.read().split()[3])
print(next(own.network.supernet(new_prefix=62).subnets(new_prefix=64)))') || exit
stop-dockerd
start-dockerd --ipv6 --fixed-cidr-v6=$prefix
docker start $(docker ps --all --format '{{{{.Names}}}}')
END
chmod +x /usr/local/sbin/prefix-to-docker
{STOP_DHCP6C}
{START_CLIENT}
until ip -6 address show dev lo scope global | grep -q inet6; do sleep 0.1; done
prefix-to-docker"""

BACK = """\
stop-dockerd
start-dockerd --ipv6 --fixed-cidr-v6=2001:db8:1000:8::/64
docker start web"""

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
