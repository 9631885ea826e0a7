"""A certificate added by a reload that no client notices."""

from labkernel.checks import printed
from labkernel.labs.hitch.checks.reloading import holds, reloaded
from labkernel.labs.hitch.commands.files import ADDED, ALL
from labkernel.labs.hitch.commands.holding import STATE
from labkernel.labs.hitch.commands.reloading import (
    END_LOAD,
    RELOAD,
    RELOAD_WITHOUT,
    SHOW_LOAD,
    START_LOAD,
)
from labkernel.labs.hitch.commands.serving import PIDFILE
from labkernel.labs.hitch.topology import lab

hold = lab.step(
    "hold",
    "Start a load of handshakes",
    on="client",
    run=START_LOAD,
    check=holds,
    undo=f"{END_LOAD}rm -f {STATE}",
)

reload = lab.task(
    "reload",
    "Add a certificate without losing a connection",
    on="trixie",
    about=f"The client goes on making handshakes, and holds three connections. Have Hitch serve "
    f"{ADDED} as well, whose certificate is in {ALL}, so that none of them fails.",
    solution=RELOAD,
    check=reloaded,
    undo=RELOAD_WITHOUT,
    timeout=30,
    hint=[
        (
            "Between the end of a daemon and its next start nobody listens on its port. What has "
            "it read its files again?"
        ),
        (
            f"`kill -HUP $(cat {PIDFILE})`: a new worker opens a socket of its own, the "
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
    "End the load and read its result",
    on="client",
    run=f"{END_LOAD}{SHOW_LOAD}",
    check=printed(
        r"^\d+ handshakes, 0 failed; 3 connections held, .*, 0 lost$", "that none failed"
    ),
    wrong=f"cat {STATE}",
    volatile=r"(?P<n>\d+) handshakes|(?P<pages>\d+) pages",
)
