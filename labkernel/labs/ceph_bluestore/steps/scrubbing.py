"""Checksums: a damaged copy, found by a scrub, and repaired."""

from labkernel.checks import both, printed
from labkernel.labs.ceph_bluestore.checks.scrubbing import damaged, repaired, reported
from labkernel.labs.ceph_bluestore.commands.scrubbing import (
    DAMAGE,
    DAMAGE_AGAIN,
    MEND,
    REPAIR,
    SCRUB,
)
from labkernel.labs.ceph_bluestore.topology import lab

damage = lab.step(
    "damage",
    "Corrupt five bytes on a disk",
    on="charlie",
    run=DAMAGE,
    check=damaged,
    undo=MEND,
)

scrub = lab.step(
    "scrub",
    "Deep-scrub the placement group",
    on="charlie",
    run=SCRUB,
    check=both(
        printed(r'^"numbers"$', "the object"),
        printed(r'^\[2,\["read_error"\]\]$', "the OSD whose copy can't be read"),
        reported,
    ),
    wrong="rados -p lab get numbers - | tail -n 1",
)

repair = lab.task(
    "repair",
    "Repair the object",
    on="charlie",
    about="Two of three copies are good. Have the cluster make the third anew, from charlie or "
    "from admin, until `ceph health` says HEALTH_OK.",
    solution=REPAIR,
    check=repaired,
    undo=DAMAGE_AGAIN,
    hint=[
        "`ceph health detail` names the placement group, and it is the group that is repaired.",
        "`ceph pg --help | grep repair`.",
        "`ceph pg repair PGID`, with the one that `ceph health detail` names, and a few seconds.",
    ],
)
