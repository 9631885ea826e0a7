"""Certificates with the wrong key, and handshakes for unknown names, both refused."""

from labkernel.checks import printed
from labkernel.labs.hitch.checks.refusing import paired, refused, refuses_strangers
from labkernel.labs.hitch.commands.certificates import site
from labkernel.labs.hitch.commands.files import CERTS, VICTIM
from labkernel.labs.hitch.commands.refusing import ABORT, DO_NOT_ABORT, MIX, PAIR, UNKNOWN, UNMIX
from labkernel.labs.hitch.commands.serving import TEST, VOLATILE_LOG, ask
from labkernel.labs.hitch.topology import lab

mix = lab.step(
    "mix",
    "Install a certificate with the wrong private key",
    on="trixie",
    run=MIX,
    volatile=VOLATILE_LOG,
    check=refused,
    undo=UNMIX,
)

pair = lab.task(
    "pair",
    "Find the matching private key",
    on="trixie",
    about=f"The keys of three renewals are in /root/keys, and one of them belongs to the "
    f"certificate in {CERTS}/{VICTIM}.pem. Put the two together, "
    "so that Hitch would start.",
    solution=PAIR,
    check=paired,
    undo=MIX.replace(TEST, "true"),
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
    "Request an unknown name",
    on="client",
    run=ask("trixie", UNKNOWN),
    check=printed(rf"^subject=CN *= *{site(1)}$", "the certificate of the first site"),
    wrong=ask("trixie", site(7)),
)

refuse = lab.task(
    "refuse",
    "Refuse unknown names",
    on="trixie",
    about="A client that asks for an unknown name is given somebody else's certificate. Have Hitch "
    "end such a handshake with an alert; known names must go on.",
    solution=ABORT,
    volatile=VOLATILE_LOG,
    check=refuses_strangers,
    undo=DO_NOT_ABORT,
    hint=[
        "It is one setting, about what to do when SNI matches nothing.",
        "`hitch --help | grep -i sni`",
        "`sni-nomatch-abort = on` in /etc/hitch/hitch.conf, and start Hitch afresh.",
    ],
)
