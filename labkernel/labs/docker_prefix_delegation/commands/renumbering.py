"""Commands and files for renumbering."""

from labkernel.labs._commands import STOP_DHCP6C
from labkernel.labs.docker_prefix_delegation.commands.delegating import START_CLIENT

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
