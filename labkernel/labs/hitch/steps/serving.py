"""One server: certificates, a configuration, a daemon; and two more that do the same."""

from labkernel.checks import both, printed
from labkernel.labs.hitch.checks.serving import configured, serves, taken
from labkernel.labs.hitch.commands.certificates import site
from labkernel.labs.hitch.commands.files import CONF, TAKEN
from labkernel.labs.hitch.commands.serving import (
    CONFIGURE,
    LOOK,
    NO_SERVER,
    NONE_TAKEN,
    SAMPLE,
    SAMPLED,
    SERVE,
    START,
    STOP,
    TAKE,
    TEST,
    VOLATILE_LOG,
)
from labkernel.labs.hitch.topology import lab

take = lab.step(
    "take",
    "Link 500 certificates into Hitch's directory",
    on="bullseye",
    run=f"{TAKE}\n{LOOK}",
    check=both(
        printed(rf"^ +DNS:{site(TAKEN)}$", "the name in the last of them"),
        taken("bullseye", TAKEN),
    ),
    undo=NONE_TAKEN,
)

configure = lab.step(
    "configure",
    "Write Hitch's configuration",
    on="bullseye",
    run=f"{CONFIGURE}\n{TEST}",
    check=configured("bullseye"),
    undo=f"rm {CONF}",
)

start = lab.step(
    "start",
    "Start Hitch",
    on="bullseye",
    run=START,
    volatile=VOLATILE_LOG,
    check=serves("bullseye", 1, TAKEN // 2, TAKEN),
    undo=STOP,
)

sample = lab.step(
    "sample",
    "Request five of the names by SNI",
    on="client",
    run=SAMPLE,
    check=printed(
        "\n".join(rf"^subject=CN *= *{site(n)}\nVerification: OK" for n in SAMPLED),
        "the right certificate for each name, signed by the lab's authority",
    ),
    wrong=SAMPLE.replace("137", "138"),
)

second = lab.task(
    "second",
    "Serve the same names from bookworm",
    on="bookworm",
    about="On bookworm are the same 1,000 certificates, a newer Hitch and OpenSSL 3.0. Have it "
    "serve the first 500 on port 443, as bullseye does.",
    solution=SERVE,
    volatile=VOLATILE_LOG,
    check=serves("bookworm", 1, TAKEN // 2, TAKEN),
    undo=NO_SERVER,
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
    "Serve them from trixie too",
    on="trixie",
    run=SERVE,
    volatile=VOLATILE_LOG,
    check=serves("trixie", 1, TAKEN // 2, TAKEN),
    undo=NO_SERVER,
)
