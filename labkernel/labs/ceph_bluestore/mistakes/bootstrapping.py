"""Mistakes and other right answers of `steps.bootstrapping`."""

from labkernel import Mistake
from labkernel.labs import ceph_bluestore as ceph
from labkernel.labs._ceph import configuration
from labkernel.labs.ceph_bluestore.commands.bootstrapping import FETCH, FORGET, KEYRINGS, monitor

_OTHER = "0b1e9a52-7d3c-4c55-8f0e-6d2f1c9b7a10"

_MONMAP = "rm -f /etc/ceph/monmap"

_PLAIN = (
    f"monmaptool --create --fsid {configuration.FSID} "
    + " ".join(f"--add {name} [{ip}]" for name, ip in configuration.MONITORS.items())
    + " /etc/ceph/monmap"
)

_KEYRINGS = "rm -f /etc/ceph/*.keyring"

_MADE = ceph.third.run.removesuffix("ceph-mon -i charlie")

_WITHOUT_START = monitor("charlie").rpartition("\n")[0]

_BROKEN = "rm /var/lib/ceph/mon/ceph-charlie/store.db/CURRENT"


def _monmap(old: str, new: str) -> str:
    return configuration.MONMAP.replace(old, new)


def _keyrings(old: str, new: str) -> str:
    return KEYRINGS.replace(old, new)


MISTAKES = {
    ceph.listen: [
        Mistake("true", says="but for mon.alpha ms_bind_ipv6 is false"),
        Mistake(
            "sed -i '/^fsid/i ms_bind_ipv6 = true' /etc/ceph/ceph.conf",
            says="ms_bind_ipv4 is true as well",
            fix=configuration.DEAF,
        ),
        Mistake(
            "sed -i '/^fsid/a ms_bind_ipv6 = true\\nms_bind_ipv4 = true' /etc/ceph/ceph.conf",
            says="ms_bind_ipv4 is true as well",
            fix=configuration.DEAF,
        ),
        Mistake(
            "printf '[mon]\\nms_bind_ipv6 = true\\nms_bind_ipv4 = false\\n' >> /etc/ceph/ceph.conf",
            says="[global] is for all",
            fix=f"{configuration.DEAF}\nsed -i '/^.mon.$/d' /etc/ceph/ceph.conf",
        ),
    ],
    ceph.chart: [
        Mistake("true", says="there is no such map"),
        Mistake(
            _monmap(f"--fsid {configuration.FSID}", ""),
            says=f"Without --fsid it is a new one; ceph.conf has {configuration.FSID}",
            fix=_MONMAP,
        ),
        Mistake(
            _monmap("::102]", "::103]"), says="charlie has the address 2001:db8::102", fix=_MONMAP
        ),
        Mistake(
            _monmap("--addv charlie", "--addv delta"), says="mon.charlie is missing", fix=_MONMAP
        ),
        Mistake(_PLAIN, says="--add adds one address", fix=_MONMAP),
        Mistake(
            _monmap("v2:[2001:db8::101]:3300,", ""),
            says="v2, on port 3300, is missing",
            fix=_MONMAP,
        ),
    ],
    ceph.key: [
        Mistake("true", says="there is no /etc/ceph/ceph.client.admin.keyring"),
        Mistake(
            _keyrings("--cap mon 'allow *' --cap mgr 'allow *' --cap osd 'allow *'", ""),
            says="the caps of client.admin for mon are none",
            fix=_KEYRINGS,
        ),
        Mistake(
            _keyrings("--cap osd 'allow *'", "--cap osd 'allow r'"),
            says="the caps of client.admin for osd are 'allow r'",
            fix=_KEYRINGS,
        ),
        Mistake(
            _keyrings("ceph-authtool mon.keyring --import", "# "),
            says="mon.keyring has no client.admin",
            fix=_KEYRINGS,
        ),
    ],
    ceph.third: [
        Mistake("true", says="charlie has no ceph.conf"),
        Mistake(FETCH, says="mon.charlie has no store", fix=FORGET),
        Mistake(
            f"{FETCH}\nsed -i 's/^fsid.*/fsid = {_OTHER}/' /etc/ceph/ceph.conf",
            says=f"ceph.conf of charlie has the fsid {_OTHER}",
            fix=FORGET,
        ),
        Mistake(
            f"{FETCH}\n{_WITHOUT_START}",
            says="mon.charlie does not run",
            fix=ceph.third.undo,
        ),
        Mistake(
            f"{_MADE}\n{_BROKEN}\nceph-mon -i charlie; true",
            says="Its log ends with: ",
            fix=ceph.third.undo,
        ),
    ],
}
