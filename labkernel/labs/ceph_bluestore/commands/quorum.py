"""Commands: monitors that are stopped and started."""

from labkernel.labs._ceph.configuration import stop, wait_for

LOSE_TWO = f"""\
{stop("ceph-mon")}
until timeout 5 ceph health > /dev/null 2>&1; [ $? = 124 ]; do sleep 0.2; done
echo no answer"""


def back(name: str, *others: str) -> str:
    """Start a monitor, and wait until it is in the quorum."""
    members = ",".join(sorted((name, *others)))
    return f"ceph-mon -i {name}\n" + wait_for("timeout 20 ceph mon stat", f"quorum .* {members}$")
