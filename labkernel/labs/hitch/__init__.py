"""Hitch: thousands of TLS certificates, and how long they take to load.

After a post of 2016, in which a start with 15,000 certificates took 9 minutes 40 with one OpenSSL
and 18.7 seconds with another.
"""

from labkernel import Lab, Link, Node, Step
from labkernel.checks import both, listens, printed
from labkernel.labs.hitch import (
    certificates,
    chain,
    checks,
    commands,
    holding,
    measuring,
    showing,
    slowest,
    timing,
    trouble,
)
from labkernel.labs.hitch.certificates import site
from labkernel.labs.hitch.commands import ADDRESSES, ALL, GIVEN, STARTS, TAKEN, TIMED
from labkernel.labs.hitch.measuring import NUMBERS, measure
from labkernel.labs.hitch.showing import compare, predict
from labkernel.needs import SUITES

__all__ = ["NUMBERS", "compare", "lab", "measure", "predict"]

_SERVERS = ("bullseye", "bookworm", "trixie")
_IMAGES = {"bullseye": "hitch-bullseye", "bookworm": "hitch-bookworm", "trixie": "hitch"}

lab = Lab(
    "hitch",
    title="Hitch: thousands of certificates, and how long they take to load",
    nodes=[
        Node("client", image="hitch"),
        *(Node(name, image=_IMAGES[name], memory=1024) for name in _SERVERS),
        Node("web"),
    ],
    links=[
        Link("lan", *(f"{node}:eth0" for node in ADDRESSES), prefix="2001:db8:1::/64"),
        Link("inside", "trixie:eth1", "web:eth0", prefix="2001:db8:2::/64"),
    ],
    memory=1024,
    needs=[SUITES],
    files={
        f"{node}:{ALL}": lambda on_progress: certificates.make(GIVEN, on_progress=on_progress)
        for node in _SERVERS
    }
    | {"client:/etc/ssl": lambda _: certificates.authority()},
    setup={
        **dict.fromkeys(_SERVERS, timing.GIVE),
        "trixie": f"{timing.GIVE}\n{commands.KEYS}",
        "client": holding.GIVE,
    },
)

#: the clock, the process and versions of OpenSSL in each line of Hitch's log
_LOG = r"^(?P<clock>\d{8}T[\d.]+) \[ *(?P<pid>\d+)\]|(?:with|using) (?P<version>\d{8})"

# -- one server ----------------------------------------------------------------------------------

take = lab.step(
    "take",
    "Take 500 certificates",
    on="bullseye",
    run=f"{commands.TAKE}\n{commands.LOOK}",
    check=both(
        printed(rf"^ +DNS:{site(TAKEN)}$", "the name in the last of them"),
        checks.taken("bullseye", TAKEN),
    ),
    undo=commands.NONE_TAKEN,
)

configure = lab.step(
    "configure",
    "Write Hitch's configuration",
    on="bullseye",
    run=f"{commands.CONFIGURE}\n{commands.TEST}",
    check=checks.configured("bullseye"),
    undo=f"rm {commands.CONF}",
)

start = lab.step(
    "start",
    "Start Hitch",
    on="bullseye",
    run=commands.START,
    volatile=_LOG,
    check=checks.serves("bullseye", 1, TAKEN // 2, TAKEN),
    undo=commands.STOP,
)

sample = lab.step(
    "sample",
    "Ask for five of the names",
    on="client",
    run=commands.SAMPLE,
    check=printed(
        "\n".join(rf"^subject=CN *= *{site(n)}\nVerification: OK" for n in commands.SAMPLED),
        "the right certificate for each name, signed by the lab's authority",
    ),
    wrong=commands.SAMPLE.replace("137", "138"),
)

second = lab.task(
    "second",
    "Have bookworm serve the same names",
    on="bookworm",
    about="On bookworm are the same 1,000 certificates, a newer Hitch and OpenSSL 3.0. Have it "
    "serve the first 500 on port 443, as bullseye does.",
    solution=commands.SERVE,
    volatile=_LOG,
    check=checks.serves("bookworm", 1, TAKEN // 2, TAKEN),
    undo=commands.NO_SERVER,
    hint=[
        "Three things: certificates in a directory, a configuration, a daemon.",
        "The commands of the first three steps, on this node. `hitch --test` says what is wrong.",
        (
            "Links to the first 500 files into /etc/hitch/certs, /etc/hitch/hitch.conf with "
            "frontend, backend, pem-dir, user and group, then `hitch --config=… --daemon "
            "--pidfile=…`"
        ),
    ],
)

third = lab.step(
    "third",
    "Have trixie serve them too",
    on="trixie",
    run=commands.SERVE,
    volatile=_LOG,
    check=checks.serves("trixie", 1, TAKEN // 2, TAKEN),
    undo=commands.NO_SERVER,
)

# -- how long it takes ---------------------------------------------------------------------------

_MEASURED = r": (?P<time>[\d.]+ s), (?P<memory>\d+ KiB)$"


def _time_start(name: str, title: str, node: str) -> Step:
    return lab.step(
        name,
        title,
        on=node,
        run=commands.time_starts("hitch"),
        check=measuring.timed("hitch", *TIMED),
        wrong="time-start hitch 250 500",
        timeout=120,
        volatile=_MEASURED,
        view=showing.of_step,
    )


old = _time_start("time-openssl-1-1", "Time the start with OpenSSL 1.1.1", "bullseye")
middle = _time_start("time-openssl-3-0", "Time the start with OpenSSL 3.0", "bookworm")
new = _time_start("time-openssl-3-5", "Time the start with OpenSSL 3.5", "trixie")

peers = lab.step(
    "peers",
    "Time Hitch, HAProxy and nginx with the same OpenSSL",
    on="trixie",
    run=commands.time_starts("hitch", "haproxy", "nginx"),
    check=both(*(measuring.timed(program, *TIMED) for program in ("hitch", "haproxy", "nginx"))),
    undo=f"rm {STARTS}",
    timeout=240,
    volatile=_MEASURED,
    view=showing.of_step,
)

find = lab.task(
    "find",
    "Find the slowest of the three",
    on="trixie",
    about=f"{STARTS} has what the step before has measured. Which of hitch, haproxy and nginx "
    "takes longest for each further certificate? Write its name into /root/slowest.",
    solution=commands.FIND_SLOWEST,
    check=slowest.found,
    undo="rm -f /root/slowest",
    hint=[
        "Not the longest start: the steepest line. What does a start take without certificates?",
        (
            f"For each of them: the seconds with {TIMED[-1]:,} certificates less the seconds with "
            f"{TIMED[0]}."
        ),
        f"`cat {STARTS}`, three subtractions, and `echo … > /root/slowest`; or a line of awk.",
    ],
)

lazy = lab.step(
    "lazy",
    "Have nginx load a certificate when it is asked for",
    on="trixie",
    run=commands.time_starts("lazy"),
    check=both(measuring.timed("lazy", *TIMED, flat=True)),
    wrong="time-start lazy 250",
    volatile=_MEASURED,
    view=showing.of_step,
)

# -- the chain -----------------------------------------------------------------------------------

web = lab.step(
    "web",
    "Start a web server on the inside",
    on="web",
    run=commands.WEB,
    check=listens("web", 80),
    undo=commands.NO_WEB,
)

cache = lab.step(
    "cache",
    "Start a cache between Hitch and the web server",
    on="trixie",
    run=commands.varnish("[::1]:8080"),
    check=chain.arrives,
    undo=commands.STOP_VARNISH,
)

keep = lab.task(
    "keep",
    "Keep the client's address",
    on="trixie",
    about="The web server is told that ::1 asks: that is Hitch. Have Hitch hand the client's "
    "address on to Varnish by the PROXY protocol, version 2, so that the web server is told "
    f"{ADDRESSES['client']}.",
    solution=commands.KEEP,
    volatile=_LOG,
    check=chain.keeps,
    undo=commands.DO_NOT_KEEP,
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
    "Get a page twice",
    on="client",
    run=commands.HIT,
    check=printed(
        r"^X-Varnish: \d+ \d+$", "the number of the request that has filled the cache, a hit"
    ),
    wrong=commands.HIT.replace("/page", "/me"),
    volatile=r"X-Varnish: (?P<request>\d+)(?: (?P<filled>\d+))?|^Age: (?P<age>\d+)$",
)

# -- trouble -------------------------------------------------------------------------------------

mix = lab.step(
    "mix",
    "Install a certificate with another one's key",
    on="trixie",
    run=commands.MIX,
    volatile=_LOG,
    check=trouble.refused,
    undo=commands.UNMIX,
)

pair = lab.task(
    "pair",
    "Find the key",
    on="trixie",
    about=f"The keys of three renewals are in /root/keys, and one of them belongs to the "
    f"certificate in {commands.CERTS}/{commands.VICTIM}.pem. Put the two together, "
    "so that Hitch would start.",
    solution=commands.PAIR,
    check=trouble.paired,
    undo=commands.MIX.replace(commands.TEST, "true"),
    hint=[
        "What do a certificate and its private key have in common?",
        (
            "`openssl x509 -noout -pubkey` shows the public key of a certificate, `openssl pkey "
            "-pubout` that of a private key."
        ),
        (
            "Compare the certificate's with those of the three, and write the key and the "
            "certificate into one file."
        ),
    ],
)

stranger = lab.step(
    "stranger",
    "Ask for a name that nobody has",
    on="client",
    run=commands.ask("trixie", commands.UNKNOWN),
    check=printed(rf"^subject=CN *= *{site(1)}$", "the certificate of the first site"),
    wrong=commands.ask("trixie", site(7)),
)

refuse = lab.task(
    "refuse",
    "Refuse names that nobody has",
    on="trixie",
    about="A client that asks for an unknown name is given somebody else's certificate. Have Hitch "
    "end such a handshake with an alert; known names must go on.",
    solution=commands.ABORT,
    volatile=_LOG,
    check=trouble.refuses_strangers,
    undo=commands.DO_NOT_ABORT,
    hint=[
        "It is one setting, about what to do when SNI matches nothing.",
        "`hitch --help | grep -i sni`",
        "`sni-nomatch-abort = on` in /etc/hitch/hitch.conf, and start Hitch afresh.",
    ],
)

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
