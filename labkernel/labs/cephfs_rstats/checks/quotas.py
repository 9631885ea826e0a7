"""Checks of quotas."""

from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import looks_at
from labkernel.labs.cephfs_rstats.checks.accounting import MIB, attribute, statistic
from labkernel.labs.cephfs_rstats.checks.failover import caps_of
from labkernel.labs.cephfs_rstats.commands.mounting import CLIENT, MOUNT
from labkernel.labs.cephfs_rstats.commands.quotas import LIMIT_BYTES, LIMIT_FILES

if TYPE_CHECKING:
    from labkernel import Attempt


@looks_at(sends=True)
def limited(attempt: "Attempt") -> str:
    """Claim: ann has both quotas, and neither the others nor all together have any."""
    expected = Expected(
        f"{MOUNT}/home/ann", f"at most {LIMIT_BYTES // MIB} MiB and {LIMIT_FILES} files"
    )
    for name, wanted in (("max_bytes", LIMIT_BYTES), ("max_files", LIMIT_FILES)):
        given = attribute(attempt, "home/ann", f"ceph.quota.{name}")
        found = int(given) if given.isdigit() else 0
        if found != wanted:
            seen = f"{name} is {found}" if found else f"{name} is not set"
            raise CheckFailed(expected, seen, _why_unlimited(attempt, name))
    for path in ("home", "home/bob", "home/carol"):
        for name in ("max_bytes", "max_files"):
            if attribute(attempt, path, f"ceph.quota.{name}") not in ("", "0"):
                shared = ": all share it" if path == "home" else ""
                raise CheckFailed(expected, f"{path} has a quota, too{shared}", "0 removes it.")
    return f"ann may have {LIMIT_BYTES // MIB} MiB and {LIMIT_FILES} files"


def _why_unlimited(attempt: "Attempt", name: str) -> str:
    if (
        "p"
        not in caps_of(attempt, CLIENT, f"caps of {CLIENT}")
        .get("mds", "")
        .partition("allow ")[2]
        .partition(" ")[0]
    ):
        return f"{CLIENT} may not set quotas: its caps for mds lack p."
    if attribute(attempt, "home", f"ceph.quota.{name}"):
        return "It is set on home, for all who are below. 0 removes it there."
    return f"`setfattr -n ceph.quota.{name} -v NUMBER DIRECTORY`; max_bytes also takes 32M."


@looks_at(sends=True)
def within_limits(attempt: "Attempt") -> str:
    """Ann has not more than her quota, give or take what was on its way."""
    size = statistic(attempt, "home/ann", "rbytes")
    if size > LIMIT_BYTES + 16 * MIB:  # 8 MiB and some are usual on a busy machine
        raise CheckFailed(f"ann to stay below {LIMIT_BYTES} bytes", f"she has {size}")
    return f"ann has {LIMIT_BYTES // MIB} MiB at most"
