"""NAT66: the container's packets leave with the laptop's address."""

from labkernel import capture
from labkernel.checks import printed
from labkernel.labs.docker_nat.checks.masquerading import arrives_in_vain, speaks_for
from labkernel.labs.docker_nat.commands.masquerading import ASK, RULE
from labkernel.labs.docker_nat.topology import ADDRESS, SERVER, lab

lost = lab.step(
    "lost",
    "Ping the Internet from the container",
    on="laptop",
    run=f"docker exec web ping -c 1 -W 1 {SERVER}",
    about="The container has fd00::242:ac11:2; the step records what passes between the router and "
    "the Internet.",
    exits=1,
    check=arrives_in_vain(ADDRESS, SERVER),
    wrong=f"ping -c 1 -W 1 {SERVER} && exit 1",
    observe=[capture("core", only="icmp6")],
)

masquerade = lab.task(
    "masquerade",
    "Masquerade the containers' packets",
    on="laptop",
    about="The request arrives, and its reply has nowhere to go: nobody on the Internet has a "
    "route to fd00::/64. Let what comes from the containers leave with the laptop's own address.",
    solution=RULE,
    check=speaks_for("laptop", "2001:db8:a::2"),
    undo="ip6tables -t nat -F POSTROUTING",
    hint=[
        "It is what every home router does for IPv4. The table is called nat, here of ip6tables.",
        (
            "The source is changed when a packet leaves: the chain is POSTROUTING. Which packets? "
            "Those from fd00::/64 that don't go to docker0."
        ),
        "`ip6tables -t nat -A POSTROUTING -s fd00::/64 ! -o docker0 -j MASQUERADE`",
    ],
)

ask = lab.step(
    "ask",
    "Ask the server which source address it sees",
    on="laptop",
    run=ASK,
    check=printed(r"^You are 2001:db8:a::2$", "the laptop's address"),
    wrong="docker exec web wget -q -O - http://[::1]/",
    observe=[capture("core", only="tcp port 80")],
)
