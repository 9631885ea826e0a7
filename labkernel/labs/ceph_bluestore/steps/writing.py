"""Small and big writes, seen by BlueStore's counters."""

from labkernel.labs.ceph_bluestore.checks.writing import counted
from labkernel.labs.ceph_bluestore.commands.writing import SMALL
from labkernel.labs.ceph_bluestore.topology import lab
from labkernel.labs.ceph_bluestore.views.writing import table

small = lab.step(
    "small",
    "Compare small and big writes by BlueStore's counters",
    on="alpha",
    run=SMALL,
    check=counted,
    wrong="ceph daemon osd.0 perf dump | jq .bluestore.write_small",
    view=table,
    timeout=300,  # seconds: where alpha is an emulated VM, thirty clients in a row take minutes
)
