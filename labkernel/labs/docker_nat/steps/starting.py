"""The engine with a prefix, an image and a container."""

from labkernel.checks import both, eventually
from labkernel.labs._docker import engine, image, runs, settled
from labkernel.labs.docker_nat.topology import ADDRESS, PREFIX, lab

start = lab.step(
    "start",
    "Start the engine with a prefix for its containers",
    on="laptop",
    run="stop-dockerd\nstart-dockerd --ipv6 --fixed-cidr-v6=fd00::/64",
    check=engine("laptop", PREFIX),
    undo="stop-dockerd",
)

box = lab.step(
    "box",
    "Build a container image from nothing",
    on="laptop",
    run="ls /usr/local/share/box /usr/local/share/box/bin\n"
    "make-box\n"
    "docker images --format 'table {{.Repository}}\\t{{.Tag}}\\t{{.Size}}'",
    check=image("laptop", "box"),
    undo="docker image rm box",
    volatile=r"sha256:(?P<digest>[0-9a-f]{64})",
)

run = lab.step(
    "run",
    "Start a container",
    on="laptop",
    run="docker rm --force web 2> /dev/null\ndocker run --detach --name web box\n"
    "docker exec web ip -6 address show dev eth0 scope global | grep inet6",
    check=both(runs("laptop", "web", ADDRESS), eventually(settled("laptop"))),
    about="The engine makes the address from the prefix and the container's MAC address: "
    "fd00::242:ac11:2.",
    undo="docker rm --force web",
    volatile=r"^(?P<container>[0-9a-f]{64})$|(?P<flags> flags \d+| tentative)",
)
