"""Hitch: thousands of TLS certificates, and how long they take to load.

After a post of 2016, in which a start with 15,000 certificates took 9 minutes 40 with one OpenSSL
and 18.7 seconds with another.
The modules of `steps` are the lesson's parts; they are imported in its order, since a step takes
its place when it is declared.
"""

# isort: off
from labkernel.labs.hitch.topology import lab
from labkernel.labs.hitch.steps.serving import configure, sample, second, start, take, third
from labkernel.labs.hitch.steps.benchmarking import find, lazy, middle, new, old, peers
from labkernel.labs.hitch.views.measuring import NUMBERS, measure
from labkernel.labs.hitch.views.showing import compare, predict
from labkernel.labs.hitch.steps.chain import cache, hit, keep, web
from labkernel.labs.hitch.steps.refusing import mix, pair, refuse, stranger
from labkernel.labs.hitch.steps.reloading import hold, release, reload
# isort: on

__all__ = [
    "NUMBERS",
    "cache",
    "compare",
    "configure",
    "find",
    "hit",
    "hold",
    "keep",
    "lab",
    "lazy",
    "measure",
    "middle",
    "mix",
    "new",
    "old",
    "pair",
    "peers",
    "predict",
    "refuse",
    "release",
    "reload",
    "sample",
    "second",
    "start",
    "stranger",
    "take",
    "third",
    "web",
]
