"""Commands: a client, the manager, an OSD."""

from labkernel.labs._ceph import disk
from labkernel.labs._ceph.configuration import stop
from labkernel.labs.ceph_bluestore.commands.bootstrapping import FETCH, FORGET

ENTER = f"""\
{FORGET}
{FETCH} ceph/ceph.conf ceph/ceph.client.admin.keyring
ceph mon stat"""

MANAGER = """\
mkdir -p /var/lib/ceph/mgr/ceph-alpha
ceph auth get-or-create mgr.alpha mon 'allow profile mgr' osd 'allow *' mds 'allow *' \\
  -o /var/lib/ceph/mgr/ceph-alpha/keyring
ceph-mgr -i alpha"""
NO_MANAGER = f"{stop('ceph-mgr')}\nceph mgr fail alpha\nrm -rf /var/lib/ceph/mgr/ceph-alpha"


def osd(number: int) -> str:
    """Register an OSD, make its BlueStore on the node's disk or in a file, and start it."""
    return f"""\
forget-osd {number}
uuid=$(cat /proc/sys/kernel/random/uuid)
key=$(ceph-authtool --gen-print-key)
echo "{{ \\"cephx_secret\\": \\"$key\\" }}" | ceph osd new $uuid {number} -i -
cd /var/lib/ceph/osd && mkdir ceph-{number} && cd ceph-{number}
ceph-authtool --create-keyring keyring -n osd.{number} --add-key $key > /dev/null
{disk.BLOCK}
ceph-osd -i {number} --mkfs --osd-uuid $uuid
ceph-osd -i {number}"""


def no_osd(number: int) -> str:
    """End an OSD, and have nothing left of it."""
    return f"forget-osd {number}"
