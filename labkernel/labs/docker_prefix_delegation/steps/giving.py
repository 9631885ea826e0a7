"""Docker's part of the prefix: a /64, a container, and the Internet."""

from labkernel import capture
from labkernel.checks import both, eventually, printed
from labkernel.labs._docker import runs, settled
from labkernel.labs.docker_prefix_delegation.checks.giving import given, untouched
from labkernel.labs.docker_prefix_delegation.topology import DELEGATED, DOCKERS, SERVER, WEB, lab

give = lab.task(
    "give",
    "Assign the first /64 to Docker",
    on="host",
    about="Start the engine so that its containers get addresses of the first /64 of the "
    "delegated prefix.",
    solution=f"stop-dockerd\nstart-dockerd --ipv6 --fixed-cidr-v6={DOCKERS}",
    check=given("host", DELEGATED, DOCKERS),
    undo="stop-dockerd",
    hint=[
        "The /62 is 2001:db8:1000:8::/62. Which four /64s is that?",
        "8, 9, a and b. The last is on lo.",
        "`start-dockerd --ipv6 --fixed-cidr-v6=2001:db8:1000:8::/64`",
    ],
)

run = lab.step(
    "run",
    "Start a container",
    on="host",
    run="make-box > /dev/null\ndocker rm --force web 2> /dev/null\n"
    "docker run --detach --name web box",
    about=f"It gets {WEB}.",
    check=both(runs("host", "web", WEB), eventually(settled("host"))),
    undo="docker rm --force web\ndocker image rm box",
    volatile=r"^(?P<container>[0-9a-f]{64})$",
)

reach = lab.step(
    "reach",
    "Reach the container from the Internet",
    on="internet",
    run=f"curl -sS http://[{WEB}]/",
    check=both(printed("^It is a container", "its page"), untouched(WEB)),
    wrong=f"curl -sS http://[{SERVER}]/",
    observe=[capture("core", only="tcp port 80")],
)

seen = lab.step(
    "seen",
    "Ask the server which source address it sees",
    on="host",
    run=f"docker exec web wget -q -T 3 -O - http://[{SERVER}]/",
    about=f"The container has {WEB}.",
    check=printed(rf"^You are {WEB}$", "the container's own address"),
    wrong=f"curl -s http://[{SERVER}]/",
)
