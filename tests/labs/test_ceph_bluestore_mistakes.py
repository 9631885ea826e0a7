"""Ceph BlueStore: what trainees usually get wrong, and what the checks then say."""

import pytest

from labkernel import RunningLab, Step
from labkernel.labs import ceph_bluestore as ceph
from labkernel.labs._ceph import configuration
from labkernel.labs.ceph_bluestore import commands

from .conftest import Mistakes, each_of, refusal

pytestmark = pytest.mark.backend

LAB = "ceph-bluestore"

_OTHER = "0b1e9a52-7d3c-4c55-8f0e-6d2f1c9b7a10"
_MONMAP = "rm -f /etc/ceph/monmap"
_PLAIN = (
    f"monmaptool --create --fsid {configuration.FSID} "
    + " ".join(f"--add {name} [{ip}]" for name, ip in configuration.MONITORS.items())
    + " /etc/ceph/monmap"
)
_KEYRINGS = "rm -f /etc/ceph/*.keyring"

_MOVED = f"""\
echo {_OTHER} > ceph_fsid
ceph-bluestore-tool set-label-key --dev block -k ceph_fsid -v {_OTHER}"""

_OTHER_KEY = (
    f'sed -i "s|key = .*|key = $(ceph-authtool --gen-print-key)|" {configuration.ADMIN_KEYRING}'
)


# A clock of its own no namespace gives: one call of libc gives another time, a second later.
_LATER = r"""
cd /run && as -o later.o <<'END' && ld -shared -o later.so later.o
.globl clock_gettime
.type clock_gettime, @function
clock_gettime:
    mov $228, %eax
    syscall
    test %edi, %edi
    jnz 1f
    addq $1, (%rsi)
1:  ret
.section .note.GNU-stack,"",@progbits
END
LD_PRELOAD=/run/later.so """
_MADE = ceph.third.run.removesuffix("ceph-mon -i charlie")
_BROKEN = "rm /var/lib/ceph/mon/ceph-charlie/store.db/CURRENT"
_STOP = configuration.stop("ceph-mon")
_SKEWED = commands.wait_for("ceph health", "clock skew")
_QUORUM = commands.wait_for("ceph mon stat", "quorum 0,1,2")

_NEARLY_FULL = "ceph osd set-nearfull-ratio 0.001\n" + commands.wait_for(
    "ceph health", "3 nearfull"
)
_FULL = (
    "ceph osd set-backfillfull-ratio 0.001\nceph osd set-full-ratio 0.001\n"
    + commands.wait_for("ceph health", "3 full")
)
_ROOM = f"{commands.NO_POOL}\n{commands.EMPTY}"


def _monmap(old: str, new: str) -> str:
    return configuration.MONMAP.replace(old, new)


def _keyrings(old: str, new: str) -> str:
    return commands.KEYRINGS.replace(old, new)


def _osd(old: str, new: str) -> str:
    """An OSD made in another way; that its daemon may not start is the point."""
    return f"{commands.osd(1)}\n".replace(old, new) + "true"


MISTAKES: Mistakes = {
    ceph.listen: [
        ("alpha", "true", "true", "but for mon.alpha ms_bind_ipv6 is false"),
        (
            "alpha",
            "sed -i '/^fsid/i ms_bind_ipv6 = true' /etc/ceph/ceph.conf",
            configuration.DEAF,
            "ms_bind_ipv4 is true as well",
        ),
        (
            "alpha",
            "printf '[mon]\\nms_bind_ipv6 = true\\nms_bind_ipv4 = false\\n' >> /etc/ceph/ceph.conf",
            f"{configuration.DEAF}\nsed -i '/^.mon.$/d' /etc/ceph/ceph.conf",
            "[global] is for all",
        ),
    ],
    ceph.chart: [
        ("alpha", "true", "true", "there is no such map"),
        (
            "alpha",
            _monmap(f"--fsid {configuration.FSID}", ""),
            _MONMAP,
            f"Without --fsid it is a new one; ceph.conf has {configuration.FSID}",
        ),
        ("alpha", _monmap("::102]", "::103]"), _MONMAP, "charlie has the address 2001:db8::102"),
        ("alpha", _monmap("--addv charlie", "--addv delta"), _MONMAP, "mon.charlie is missing"),
        ("alpha", _PLAIN, _MONMAP, "--add adds one address"),
        ("alpha", _monmap("v2:[2001:db8::101]:3300,", ""), _MONMAP, "v2, on port 3300, is missing"),
    ],
    ceph.key: [
        ("alpha", "true", "true", "there is no /etc/ceph/ceph.client.admin.keyring"),
        (
            "alpha",
            _keyrings("--cap mon 'allow *' --cap mgr 'allow *' --cap osd 'allow *'", ""),
            _KEYRINGS,
            "the caps of client.admin for mon are none",
        ),
        (
            "alpha",
            _keyrings("--cap osd 'allow *'", "--cap osd 'allow r'"),
            _KEYRINGS,
            "the caps of client.admin for osd are 'allow r'",
        ),
        (
            "alpha",
            _keyrings("ceph-authtool mon.keyring --import", "# "),
            _KEYRINGS,
            "mon.keyring has no client.admin",
        ),
    ],
    ceph.third: [
        ("charlie", "true", "true", "charlie has no ceph.conf"),
        ("charlie", commands.FETCH, commands.FORGET, "mon.charlie has no store"),
        (
            "charlie",
            f"{commands.FETCH}\nsed -i 's/^fsid.*/fsid = {_OTHER}/' /etc/ceph/ceph.conf",
            commands.FORGET,
            f"ceph.conf of charlie has the fsid {_OTHER}",
        ),
        (
            "charlie",
            f"{commands.FETCH}\n{commands.monitor('charlie').splitlines()[0]}",
            ceph.third.undo,
            "mon.charlie does not run",
        ),
        (
            "charlie",
            f"{_MADE}\n{_BROKEN}\nceph-mon -i charlie; true",
            ceph.third.undo,
            "Its log ends with: ",
        ),
    ],
    ceph.enter: [
        ("admin", "true", "true", "/etc/ceph/ceph.conf is missing"),
        ("admin", commands.FETCH, commands.FORGET, "it has the key of the monitors as well"),
        (
            "admin",
            f"{ceph.enter.run}\n{_OTHER_KEY}",
            commands.FORGET,
            "Is the key of client.admin the one that the monitors were given?",
        ),
    ],
    ceph.store_too: [
        ("bravo", "true", "true", "the cluster has no osd.1 (it has osd.0)"),
        (
            "bravo",
            _osd("ceph-osd -i 1\n", f"{_MOVED}\nceph-osd -i 1\n"),
            ceph.store_too.undo,
            f"its store belongs to the cluster {_OTHER}",
        ),
        (
            "bravo",
            _osd("--add-key $key", "--gen-key"),
            ceph.store_too.undo,
            "its key is not the one that the cluster knows",
        ),
        (
            "bravo",
            commands.osd(1).rpartition("\n")[0],
            ceph.store_too.undo,
            "ceph-osd does not run",
        ),
        (
            "bravo",
            _osd(
                "ceph-osd -i 1\n",
                "dd if=/dev/zero of=block bs=4K count=1 conv=notrunc\nceph-osd -i 1\n",
            ),
            ceph.store_too.undo,
            "osd init failed",
        ),
    ],
    ceph.pool: [
        ("admin", "true", "true", "there is no such pool (pools: none)"),
        (
            "admin",
            "ceph osd pool create lab 32",
            commands.NO_POOL,
            "no application is enabled on it",
        ),
        ("admin", commands.POOL.replace("32", "8"), commands.NO_POOL, "but it has 8"),
        (
            "admin",
            commands.POOL.replace("lab 32", "lab 32 --size 2"),
            commands.NO_POOL,
            "it keeps 2 copies",
        ),
        (
            "bravo",
            f"{commands.POOL}\n{_STOP}\n{_LATER} ceph-mon -i bravo\n{_SKEWED}",
            f"{commands.NO_POOL}\n{_STOP}\nceph-mon -i bravo\n{_QUORUM}",
            "have each node ask one time server",
        ),
        ("admin", f"{commands.POOL}\n{_NEARLY_FULL}", _ROOM, "Writes stop when it is full"),
        ("admin", f"{commands.POOL}\n{_NEARLY_FULL}\n{_FULL}", _ROOM, "Nobody can write"),
    ],
    ceph.prefer: [
        ("admin", "true", "true", "but osd.0 has balanced"),
        (
            "admin",
            commands.PREFER.replace("set osd", "set osd.0"),
            "ceph config rm osd.0 osd_mclock_profile",
            "but osd.1 has balanced",
        ),
    ],
}


@each_of(MISTAKES)
def test_diagnosis(
    running: RunningLab, step: Step, node: str, mistake: str, remedy: str, words: str
) -> None:
    """The check says what is wrong."""
    assert words in refusal(running, step, node, mistake, remedy, words)
