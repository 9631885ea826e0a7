"""Commands: keyrings, monitors, and the files that alpha offers."""

from labkernel.labs._ceph.configuration import ALPHA, stop
from labkernel.labs._commands import stop as stop_by

KEYRINGS = """\
cd /etc/ceph
ceph-authtool --create-keyring ceph.client.admin.keyring --gen-key -n client.admin \\
  --cap mon 'allow *' --cap mgr 'allow *' --cap osd 'allow *'
ceph-authtool --create-keyring mon.keyring --gen-key -n mon. --cap mon 'allow *'
ceph-authtool mon.keyring --import-keyring ceph.client.admin.keyring"""


def monitor(name: str) -> str:
    """Make a monitor's store and start it; in place of what is there of it."""
    return (
        f"{no_monitor(name)}\n"
        f"ceph-mon -i {name} --mkfs --monmap /etc/ceph/monmap --keyring /etc/ceph/mon.keyring\n"
        f"ceph-mon -i {name}"
    )


def no_monitor(name: str) -> str:
    """End a monitor, and remove its store."""
    return f"{stop('ceph-mon')}\nrm -rf /var/lib/ceph/mon/ceph-{name}"


SHARE = f"""\
{stop_by("/run/share.pid")}
mkdir -p /srv/cluster
tar -cf /srv/cluster/etc.tar -C /etc ceph
python3 -m http.server --bind {ALPHA} --directory /srv/cluster 80 > /run/share.log 2>&1 &
echo $! > /run/share.pid"""
UNSHARE = f"{stop_by('/run/share.pid')}\nrm -r /run/share.pid /srv/cluster"

FETCH = f"curl -s http://[{ALPHA}]/etc.tar | tar -xC /etc"
FORGET = "rm -f /etc/ceph/*"
