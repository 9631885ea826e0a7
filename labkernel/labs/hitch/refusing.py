"""What Hitch refuses: a certificate with another one's key, and names that nobody has."""

from labkernel.checks import printed
from labkernel.labs.hitch import commands, trouble
from labkernel.labs.hitch.certificates import site
from labkernel.labs.hitch.commands import VOLATILE_LOG
from labkernel.labs.hitch.topology import lab

mix = lab.step(
    "mix",
    "Install a certificate with another one's key",
    on="trixie",
    run=commands.MIX,
    volatile=VOLATILE_LOG,
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
    volatile=VOLATILE_LOG,
    check=trouble.refuses_strangers,
    undo=commands.DO_NOT_ABORT,
    hint=[
        "It is one setting, about what to do when SNI matches nothing.",
        "`hitch --help | grep -i sni`",
        "`sni-nomatch-abort = on` in /etc/hitch/hitch.conf, and start Hitch afresh.",
    ],
)
