"""Commands: mClock's profiles, and a fourth OSD."""

from labkernel.labs._ceph.configuration import wait_for
from labkernel.labs.ceph_bluestore.commands.bootstrapping import FETCH, FORGET
from labkernel.labs.ceph_bluestore.commands.deploying import no_osd, osd

PROFILE = """\
ceph daemon osd.0 config show | jq -r 'to_entries[] | "\\(.key) = \\(.value)"' |
  grep -E '^osd_(op_queue|mclock_(profile|max_cap.*hdd|sched.*(client|recovery)_(res|wgt|lim))) '"""
PREFER = "ceph config set osd osd_mclock_profile high_recovery_ops"
NO_PREFERENCE = "ceph config rm osd osd_mclock_profile"

GROW = f"""\
{FETCH} ceph/ceph.conf ceph/ceph.client.admin.keyring
{osd(3)}"""
SHRINK = f"{no_osd(3)}\nceph osd crush rm delta\n{wait_for('ceph health', '^HEALTH_OK')}\n{FORGET}"
