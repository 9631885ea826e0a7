"""Usual mistakes and other right answers: the flags and lifetimes of a prefix."""

from labkernel import Mistake, Right
from labkernel.labs import ipv6
from labkernel.labs.ipv6.commands import STOP_RADVD, edit_radvd

MISTAKES = {
    ipv6.offlink: [
        Mistake("true", says="but L is set"),
        Mistake(
            edit_radvd("s/AdvAutonomous on/AdvAutonomous off/"),
            says="but it is announced without the A flag",
        ),
        Mistake(STOP_RADVD, says="but no radvd runs on router"),
        Mistake(  # on is what radvd takes
            edit_radvd("s/AdvOnLink on;//"),
            says="/etc/radvd.conf has no AdvOnLink, and on is what radvd takes then",
        ),
        Mistake(  # another prefix has no L, this one has
            edit_radvd(
                "s/  prefix/  prefix 2001:db8:0:5::\\/64 { AdvOnLink off; AdvAutonomous off; "
                "};\\n&/"
            ),
            says="but L is set",
        ),
        Mistake(
            "pkill -STOP -x radvd",
            says="radvd on router is stopped by a signal",
            fix="pkill -CONT -x radvd",
            fix_first=True,
        ),
    ],
    ipv6.renew: [
        Mistake("true", says="but the preferred lifetime is 0"),
        Mistake(  # over before the next advertisement
            edit_radvd("s/AdvPreferredLifetime 0/AdvPreferredLifetime 5/"),
            says="They end before the next advertisement comes",
        ),
        Mistake(  # not by the router's advertisements
            "for ip in $(ip -6 -o address show dev eth0 scope global dynamic | awk '{ print "
            "$4 }'); do\n"
            "ip -6 address change $ip dev eth0 preferred_lft 3600 valid_lft 7200; done",
            says="but the preferred lifetime is 0",
            on="client",
            fix="ip -6 address flush dev eth0 scope global",
        ),
    ],
}

ALSO_RIGHT = {
    ipv6.offlink: [
        Right(
            f"{ipv6.advertise.run.replace('AdvOnLink on', 'AdvOnLink off')}",
        ),
        Right(edit_radvd("s/AdvOnLink on/advonlink off/I").replace("advonlink", "AdvOnLink")),
    ],
    ipv6.renew: [
        Right(edit_radvd("s/AdvPreferredLifetime 0/AdvPreferredLifetime 7200/")),
        Right(
            edit_radvd(
                "s/AdvPreferredLifetime 0/AdvPreferredLifetime infinity; AdvValidLifetime infinity/"
            ),
            undo=f"{ipv6.advertise.run}\n{ipv6.retire.run}",
        ),
    ],
}
