"""Renumbering: Docker follows another prefix."""

from labkernel.checks import both, eventually
from labkernel.labs._commands import renumber_kea
from labkernel.labs._kea import delegates
from labkernel.labs.docker_prefix_delegation.checks.delegating import told_to_delegate
from labkernel.labs.docker_prefix_delegation.checks.renumbering import follows, no_route
from labkernel.labs.docker_prefix_delegation.commands.renumbering import BACK, FOLLOW
from labkernel.labs.docker_prefix_delegation.topology import (
    DELEGATED,
    NEXT_DELEGATED,
    NEXT_DOCKERS,
    NEXT_WEB,
    lab,
)

renumber = lab.step(
    "renumber",
    "Delegate another prefix",
    on="cpe",
    run=renumber_kea("2001:db8:1000:8::", "2001:db8:2000:8::"),
    check=both(
        told_to_delegate("2001:db8:2000:8::"),
        eventually(delegates("2001:db8:2000:8::/61", True, "cpe", 62), 15),
        no_route("cpe", DELEGATED),
    ),
    undo=renumber_kea("2001:db8:2000:8::", "2001:db8:1000:8::"),
)

follow = lab.task(
    "follow",
    "Renumber Docker",
    on="host",
    about="The host's client asks again when it is restarted, and gets another /62; Docker does "
    "not know of it. Write a script that gives Docker the first /64 of what was delegated, and "
    "run it after the client has asked.",
    solution=FOLLOW,
    timeout=90,
    check=follows(NEXT_DELEGATED, NEXT_DOCKERS, NEXT_WEB),
    undo=BACK,
    hint=[
        "Restart dhcp6c first: which address has lo then? The first /64 is three before it.",
        (
            "The engine takes its prefix when it starts: `stop-dockerd`, `start-dockerd --ipv6 "
            "--fixed-cidr-v6=…`, and `docker start web`."
        ),
        "By hand it is 2001:db8:2000:8::/64. The solution computes it with Python's ipaddress.",
    ],
)
