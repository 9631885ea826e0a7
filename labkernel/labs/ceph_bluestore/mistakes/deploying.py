"""Mistakes and other right answers of `steps.deploying`."""

from labkernel import Mistake, Right
from labkernel.labs import ceph_bluestore as ceph
from labkernel.labs._ceph import configuration, disk
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
            f"{FETCH}\nmv /etc/ceph/mon.keyring /etc/ceph/another.keyring",
            says="it has the key of the monitors as well",
            fix=FORGET,
        ),
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
            _osd(" --osd-uuid $uuid", ""),
            says="and the cluster has registered",
            fix=ceph.store_too.undo,
        ),
        Mistake(
            osd(1),
            says="the directory of osd.1 is on alpha, and not on bravo",
            on="alpha",
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

_ONE_BY_ONE = f"""\
for name in ceph.conf ceph.client.admin.keyring; do
  curl -s http://[{configuration.ALPHA}]/etc.tar | tar -xOf - ceph/$name > /etc/ceph/$name
done"""

_BEGIN = """\
uuid=$(cat /proc/sys/kernel/random/uuid)
ceph osd new $uuid 1
mkdir /var/lib/ceph/osd/ceph-1 && cd /var/lib/ceph/osd/ceph-1"""
_CAPS = "mon 'allow profile osd' mgr 'allow profile osd' osd 'allow *'"
_KEY_OF_THE_CLUSTER = f"""\
{_BEGIN}
ceph auth get-or-create osd.1 {_CAPS} -o keyring
{disk.BLOCK}
ceph-osd -i 1 --mkfs --osd-uuid $uuid
ceph-osd -i 1"""
_KEY_OF_THE_OSD = f"""\
{_BEGIN}
{disk.BLOCK}
ceph-osd -i 1 --mkfs --mkkey --no-mon-config --osd-uuid $uuid
ceph auth add osd.1 {_CAPS} -i keyring
ceph-osd --id 1"""

ALSO_RIGHT = {
    ceph.enter: [Right(_ONE_BY_ONE), Right(f"{FETCH}\nrm /etc/ceph/mon.keyring")],
    ceph.store_too: [Right(_KEY_OF_THE_CLUSTER), Right(_KEY_OF_THE_OSD)],
}
