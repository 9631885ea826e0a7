"""Commands and files for today's engine."""

from labkernel.labs.docker_nat.commands.masquerading import ASK

LATER = f"""\
stop-dockerd
start-dockerd --ipv6 --fixed-cidr-v6=fd00::/64
make-box > /dev/null
docker rm --force web 2> /dev/null
docker run --detach --name web --publish 8080:80 box > /dev/null
ip6tables -t nat -S POSTROUTING | grep fd00::/64
{ASK}"""
