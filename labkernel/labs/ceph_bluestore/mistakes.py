"""Ceph BlueStore: what trainees usually get wrong, and what the checks then say."""

from labkernel import Mistake
from labkernel.labs import ceph_bluestore as ceph
from labkernel.labs._ceph import configuration
from labkernel.labs.ceph_bluestore import commands

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

_WITHOUT_START = commands.monitor("charlie").rpartition("\n")[0]

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
        Mistake(commands.FETCH, says="mon.charlie has no store", fix=commands.FORGET),
        Mistake(
            f"{commands.FETCH}\nsed -i 's/^fsid.*/fsid = {_OTHER}/' /etc/ceph/ceph.conf",
            says=f"ceph.conf of charlie has the fsid {_OTHER}",
            fix=commands.FORGET,
        ),
        Mistake(
            f"{commands.FETCH}\n{_WITHOUT_START}",
            says="mon.charlie does not run",
            fix=ceph.third.undo,
        ),
        Mistake(
            f"{_MADE}\n{_BROKEN}\nceph-mon -i charlie; true",
            says="Its log ends with: ",
            fix=ceph.third.undo,
        ),
    ],
    ceph.enter: [
        Mistake("true", says="/etc/ceph/ceph.conf is missing"),
        Mistake(commands.FETCH, says="it has the key of the monitors as well", fix=commands.FORGET),
        Mistake(
            f"{ceph.enter.run}\n{_OTHER_KEY}",
            says="Is the key of client.admin the one that the monitors were given?",
            fix=commands.FORGET,
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
            commands.osd(1).rpartition("\n")[0],
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
    ceph.pool: [
        Mistake("true", says="there is no such pool (pools: none)"),
        Mistake(
            "ceph osd pool create lab 32",
            says="no application is enabled on it",
            fix=commands.NO_POOL,
        ),
        Mistake(commands.POOL.replace("32", "8"), says="but it has 8", fix=commands.NO_POOL),
        Mistake(
            commands.POOL.replace("size 3", "size 2"),
            says="it keeps 2 copies",
            fix=commands.NO_POOL,
        ),
        Mistake(
            f"{commands.POOL}\n{_STOP}\n{_LATER} ceph-mon -i bravo\n{_SKEWED}",
            says="have each node ask one time server",
            on="bravo",
            fix=f"{commands.NO_POOL}\n{_STOP}\nceph-mon -i bravo\n{_QUORUM}",
        ),
        Mistake(
            f"{commands.POOL}\n{_NEARLY_FULL}",
            says="Writes stop when it is full",
            fix=_ROOM,
            fix_first=True,
        ),
        Mistake(
            f"{commands.POOL}\n{_NEARLY_FULL}\n{_FULL}",
            says="Nobody can write",
            fix=_ROOM,
            fix_first=True,
        ),
    ],
    ceph.prefer: [
        Mistake("true", says="but osd.0 has balanced"),
        Mistake(
            commands.PREFER.replace("set osd", "set osd.0"),
            says="but osd.1 has balanced",
            fix="ceph config rm osd.0 osd_mclock_profile",
        ),
    ],
    ceph.revive: [Mistake("true", says="ceph-osd does not run")],
    ceph.majority: [Mistake("true", says="Start it: `ceph-mon -i bravo`")],
}
