"""Ceph BlueStore: a cluster built by hand on alpha, bravo and charlie, over IPv6 alone.

After a post on Kraken (January 2017), when BlueStore was an experiment that had to be enabled by a
setting with `unrecoverable_data_corrupting` in its name.
The modules of `steps` are the lesson's parts; they are imported in its order, since a step takes
its place when it is declared.
"""

# isort: off
from labkernel.labs.ceph_bluestore.topology import lab
from labkernel.labs.ceph_bluestore.steps.bootstrapping import (
    chart,
    configure,
    first,
    key,
    listen,
    second,
    share,
    third,
)
from labkernel.labs.ceph_bluestore.steps.deploying import (
    enter,
    label,
    manage,
    store,
    store_last,
    store_too,
    tree,
)
from labkernel.labs.ceph_bluestore.steps.storing import look, pool, write
from labkernel.labs.ceph_bluestore.steps.scrubbing import damage, repair, scrub
from labkernel.labs.ceph_bluestore.steps.writing import small
from labkernel.labs.ceph_bluestore.steps.recovering import kill, revive, times, write_more
from labkernel.labs.ceph_bluestore.steps.backfilling import grow, prefer, profile
from labkernel.labs.ceph_bluestore.steps.quorum import complete, lose_one, lose_two, majority
from labkernel.labs.ceph_bluestore.steps.compressing import blobs, compress
from labkernel.labs.ceph_bluestore.steps.filling import empty, fill
# isort: on

__all__ = [
    "blobs",
    "chart",
    "complete",
    "compress",
    "configure",
    "damage",
    "empty",
    "enter",
    "fill",
    "first",
    "grow",
    "key",
    "kill",
    "lab",
    "label",
    "listen",
    "look",
    "lose_one",
    "lose_two",
    "majority",
    "manage",
    "pool",
    "prefer",
    "profile",
    "repair",
    "revive",
    "scrub",
    "second",
    "share",
    "small",
    "store",
    "store_last",
    "store_too",
    "third",
    "times",
    "tree",
    "write",
    "write_more",
]
