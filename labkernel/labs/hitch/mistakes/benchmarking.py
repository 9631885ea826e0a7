"""Mistakes and other right answers of `steps.benchmarking`."""

from labkernel import Mistake
from labkernel.labs import hitch
from labkernel.labs.hitch.commands.benchmarking import FIND_SLOWEST

MISTAKES = {
    hitch.find: [
        Mistake("true", says="but there is none"),
        Mistake(
            "echo apache > /root/slowest", says="One of hitch, haproxy", fix="rm /root/slowest"
        ),
        Mistake(
            f"{FIND_SLOWEST.replace('tail -n 1', 'head -n 1')}",
            says="another one takes",
            fix="rm /root/slowest",
        ),
    ],
}
