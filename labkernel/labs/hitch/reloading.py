"""A certificate more, by a reload that no client notices."""

from labkernel.checks import printed
from labkernel.labs.hitch import commands, holding, trouble
from labkernel.labs.hitch.commands import ALL
from labkernel.labs.hitch.topology import lab

hold = lab.step(
    "hold",
    "Hold a load of handshakes",
    on="client",
    run=holding.START,
    check=trouble.holds,
    undo=f"{holding.END}rm -f {holding.STATE}",
)

reload = lab.task(
    "reload",
    "Add a certificate, and lose nobody",
    on="trixie",
    about=f"The client goes on making handshakes, and holds three connections. Have Hitch serve "
    f"{commands.ADDED} as well, whose certificate is in {ALL}, so that none of them fails.",
    solution=commands.RELOAD,
    check=trouble.reloaded,
    undo=commands.RELOAD_WITHOUT,
    timeout=30,
    hint=[
        (
            "Between the end of a daemon and its next start nobody listens on its port. What has "
            "it read its files again?"
        ),
        (
            f"`kill -HUP $(cat {commands.PIDFILE})`: a new worker opens a socket of its own, the "
            "old one closes its own, and neither waits for the other. See `ss -Hltnp sport = :443`."
        ),
        (
            "`kill -STOP` the old worker, SIGHUP for the first process, wait until there are two "
            "sockets, `kill -CONT`. What waits in the old one's queue then goes to the new one if "
            "net.ipv4.tcp_migrate_req is 1 (it is for IPv6 as well)."
        ),
    ],
)

release = lab.step(
    "release",
    "End the load, and see what came of it",
    on="client",
    run=f"{holding.END}{holding.SHOW}",
    check=printed(
        r"^\d+ handshakes, 0 failed; 3 connections held, .*, 0 lost$", "that none failed"
    ),
    wrong=f"cat {holding.STATE}",
    volatile=r"(?P<n>\d+) handshakes|(?P<pages>\d+) pages",
)
