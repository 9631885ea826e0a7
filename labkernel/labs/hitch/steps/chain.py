"""The chain: client, Hitch, Varnish, web server."""

from labkernel.checks import listens, printed
from labkernel.labs.hitch.checks.chain import arrives, keeps
from labkernel.labs.hitch.commands.chain import (
    DO_NOT_KEEP,
    HIT,
    KEEP,
    NO_WEB,
    STOP_VARNISH,
    WEB,
    varnish,
)
from labkernel.labs.hitch.commands.serving import VOLATILE_LOG
from labkernel.labs.hitch.topology import ADDRESSES, lab

web = lab.step(
    "web",
    "Start a web server behind Hitch",
    on="web",
    run=WEB,
    check=listens("web", 80),
    undo=NO_WEB,
)

cache = lab.step(
    "cache",
    "Start a cache between Hitch and the web server",
    on="trixie",
    run=varnish("[::1]:8080"),
    check=arrives,
    undo=STOP_VARNISH,
)

keep = lab.task(
    "keep",
    "Pass on the client's address by the PROXY protocol",
    on="trixie",
    about="The web server is told that ::1 asks: that is Hitch. Have Hitch hand the client's "
    "address on to Varnish by the PROXY protocol, version 2, so that the web server is told "
    f"{ADDRESSES['client']}.",
    solution=KEEP,
    volatile=VOLATILE_LOG,
    check=keeps,
    undo=DO_NOT_KEEP,
    hint=[
        "Both must speak it: who begins, and who has to expect it?",
        "Hitch has the setting write-proxy-v2; varnishd's -a takes a protocol after a comma.",
        (
            "`write-proxy-v2 = on` in /etc/hitch/hitch.conf, `varnishd -a '[::1]:8080,PROXY' …`, "
            "and both started afresh: stop them by `kill $(cat /run/….pid)`."
        ),
    ],
)

hit = lab.step(
    "hit",
    "Get a page twice through the cache",
    on="client",
    run=HIT,
    check=printed(
        r"^X-Varnish: \d+ \d+$", "the number of the request that has filled the cache, a hit"
    ),
    wrong=HIT.replace("/page", "/me"),
    volatile=r"X-Varnish: (?P<request>\d+)(?: (?P<filled>\d+))?|^Age: (?P<age>\d+)$",
)
