"""Mistakes and other right answers of `steps.deploying`."""

from labkernel import Mistake
from labkernel.labs import ceph_bluestore as ceph
from labkernel.labs._ceph import configuration
from labkernel.labs.ceph_bluestore.commands.bootstrapping import FETCH, FORGET
from labkernel.labs.ceph_bluestore.commands.deploying import osd

_OTHER = "0b1e9a52-7d3c-4c55-8f0e-6d2f1c9b7a10"

_MOVED = f"""\
echo {_OTHER} > ceph_fsid
ceph-bluestore-tool set-label-key --dev block -k ceph_fsid -v {_OTHER}"""

_OTHER_KEY = (
    f'sed -i "s|key = .*|key = $(ceph-authtool --gen-print-key)|" {configuration.ADMIN_KEYRING}'
)


def _osd(old: str, new: str) -> str:
    """An OSD made in another way; that its daemon may not start is the point."""
    return f"{osd(1)}\n".replace(old, new) + "true"


MISTAKES = {
    ceph.enter: [
        Mistake("true", says="/etc/ceph/ceph.conf is missing"),
        Mistake(FETCH, says="it has the key of the monitors as well", fix=FORGET),
        Mistake(
            f"{ceph.enter.run}\n{_OTHER_KEY}",
            says="Is the key of client.admin the one that the monitors were given?",
            fix=FORGET,
        ),
    ],
    ceph.store_too: [
        Mistake("true", says="the cluster has no osd.1 (it has osd.0)"),
        Mistake(
            _osd("ceph-osd -i 1\n", f"{_MOVED}\nceph-osd -i 1\n"),
            says=f"its store belongs to the cluster {_OTHER}",
            fix=ceph.store_too.undo,
        ),
        Mistake(
            _osd("--add-key $key", "--gen-key"),
            says="its key is not the one that the cluster knows",
            fix=ceph.store_too.undo,
        ),
        Mistake(
            osd(1).rpartition("\n")[0],
            says="ceph-osd does not run",
            fix=ceph.store_too.undo,
        ),
        Mistake(
            _osd(
                "ceph-osd -i 1\n",
                "dd if=/dev/zero of=block bs=4K count=1 conv=notrunc\nceph-osd -i 1\n",
            ),
            says="osd init failed",
            fix=ceph.store_too.undo,
        ),
    ],
}
