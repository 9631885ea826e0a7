"""Mistakes and other right answers of `steps.benchmarking`."""

from labkernel import Mistake, Right
from labkernel.labs import hitch
from labkernel.labs.hitch.commands.benchmarking import FIND_SLOWEST

MISTAKES = {
    hitch.find: [
        Mistake(  # on a busy machine the three may differ by less than the check can tell
            f"{FIND_SLOWEST.replace('tail -n 1', 'head -n 1')}",
            says="another one takes",
            fix="rm /root/slowest",
        ),
        Mistake("true", says="but there is none"),
        Mistake(
            "echo apache > /root/slowest", says="One of hitch, haproxy", fix="rm /root/slowest"
        ),
    ],
}

ALSO_RIGHT = {
    hitch.find: [
        Right(
            f"{FIND_SLOWEST}\nprintf %s $(cat /root/slowest) > /root/w; mv /root/w /root/slowest"
        ),
        Right(f"{FIND_SLOWEST}\nsed -i 's/.*/ & /' /root/slowest"),
    ],
}
