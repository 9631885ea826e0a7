"""Mistakes and other right answers of `steps.backfilling`."""

from labkernel import Mistake, Right
from labkernel.labs import ceph_bluestore as ceph
from labkernel.labs.ceph_bluestore.commands.backfilling import PREFER

_PROFILE = "osd_mclock_profile"

_EACH = f"for n in 0 1 2; do ceph config set osd.$n {_PROFILE} high_recovery_ops; done"

MISTAKES = {
    ceph.prefer: [
        Mistake(
            f"ceph tell 'osd.*' config set {_PROFILE} high_recovery_ops",
            says="only those that run have it",
            fix=f"ceph tell 'osd.*' config unset {_PROFILE}",
        ),
        Mistake(
            _EACH,
            says="only those that run have it",
            fix=f"for n in 0 1 2; do ceph config rm osd.$n {_PROFILE}; done",
        ),
        Mistake("true", says="but osd.0 has balanced"),
        Mistake(
            PREFER.replace("set osd", "set osd.0"),
            says="but osd.1 has balanced",
            fix=f"ceph config rm osd.0 {_PROFILE}",
        ),
        Mistake(
            f"printf '[osd]\\n{_PROFILE} = high_recovery_ops\\n' >> /etc/ceph/ceph.conf",
            says="but osd.0 has balanced",
            fix=f"sed -i '/^{_PROFILE}/d' /etc/ceph/ceph.conf",
        ),
    ],
}

_FROM_A_FILE = f"""\
printf '[osd]\\n{_PROFILE} = high_recovery_ops\\n' > /tmp/settings
ceph config assimilate-conf -i /tmp/settings"""

ALSO_RIGHT = {
    ceph.prefer: [
        Right(
            f"ceph config set global {_PROFILE} high_recovery_ops",
            undo=f"ceph config rm global {_PROFILE}",
        ),
        Right(_FROM_A_FILE),
    ],
}
