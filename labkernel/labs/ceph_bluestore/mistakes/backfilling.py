"""Mistakes and other right answers of `steps.backfilling`."""

from labkernel import Mistake
from labkernel.labs import ceph_bluestore as ceph
from labkernel.labs.ceph_bluestore.commands.backfilling import PREFER

MISTAKES = {
    ceph.prefer: [
        Mistake("true", says="but osd.0 has balanced"),
        Mistake(
            PREFER.replace("set osd", "set osd.0"),
            says="but osd.1 has balanced",
            fix="ceph config rm osd.0 osd_mclock_profile",
        ),
    ],
}
