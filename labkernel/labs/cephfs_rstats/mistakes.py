"""CephFS statistics: what trainees usually get wrong, and what the checks then say."""

from labkernel import Mistake
from labkernel.labs import cephfs_rstats as rstats
from labkernel.labs.cephfs_rstats import commands
from labkernel.labs.cephfs_rstats.hottest import PROGRAM

_ONE_POOL = "ceph osd pool create lab.meta 8"

_POOLS = f"{_ONE_POOL}\nceph osd pool create lab.data 16"

_NO_POOLS = commands.REMOVE.splitlines()[-1]

_NO_CAPS = (
    f"ceph auth caps {commands.CLIENT} mon 'allow r' osd 'allow rw tag cephfs data=lab'\n"
    f"ceph auth get {commands.CLIENT} > {commands.KEYRING}"
)

_NO_P = "ceph auth caps client.lab mds 'allow rw fsname=lab' mon 'allow r' osd 'allow rw'"

_ALL_CAPS = (
    "ceph auth caps client.lab mds 'allow rwps fsname=lab' mon 'allow r fsname=lab' "
    "osd 'allow rw tag cephfs data=lab'"
)

_ELSEWHERE = "sed -i 's/2001:db8::100/2001:db8::109/' /etc/ceph/ceph.conf"

_BACK = "sed -i 's/2001:db8::109/2001:db8::100/' /etc/ceph/ceph.conf"

_WITHOUT_CAPS = commands.serve("bravo").replace("osd 'allow rw tag cephfs *=*' mds 'allow'", "")

_ANYWHERE = f"printf '#!/bin/sh\\necho $1/0/0/0/0\\n' > {PROGRAM}; chmod +x {PROGRAM}"

_WALKS = f"""\
cat > {PROGRAM} <<'END'
#!/bin/sh
dirname "$(find "$1" -type f -printf '%T@ %p\\n' | sort -n | tail -n 1 | cut -d ' ' -f 2)"
END
chmod +x {PROGRAM}"""

_SET = f"setfattr -n ceph.quota.max_bytes -v {{}} {commands.MOUNT}/home{{}}"


MISTAKES = {
    rstats.make: [
        Mistake("true", says="there is no pool lab.meta (pools: none)"),
        Mistake(_POOLS, says="the pool lab.meta is for no application yet", fix=_NO_POOLS),
        Mistake(
            f"{_POOLS}\nceph fs new lab lab.data lab.meta",
            says="its metadata are not in lab.meta. The metadata pool stands first",
            fix=commands.REMOVE,
            fix_first=True,
        ),
        Mistake(
            f"{_POOLS}\nceph fs new cephfs lab.meta lab.data",
            says="it is called cephfs",
            fix=commands.REMOVE.replace("fail lab", "fail cephfs").replace("rm lab", "rm cephfs"),
            fix_first=True,
        ),
    ],
    rstats.standby: [
        Mistake("true", says="(MDS_INSUFFICIENT_STANDBY: insufficient standby MDS daemons"),
        Mistake(
            commands.serve("bravo").rpartition("\n")[0],
            says="`ceph-mds -i bravo`.",
            fix=commands.retire("bravo"),
        ),
        Mistake(
            _WITHOUT_CAPS,
            says="mds.bravo has no caps for osd. It would fail when",
            fix=commands.retire("bravo"),
        ),
        Mistake(
            commands.serve("bravo").replace("osd 'allow rw tag cephfs *=*' mds", "mds"),
            says="mds.bravo has no caps for osd. It would fail when",
            fix=commands.retire("bravo"),
        ),
    ],
    rstats.authorize: [
        Mistake("true", says="the cluster knows no client.lab"),
        Mistake(
            "ceph fs authorize lab client.lab / rwps",
            says=f"{commands.KEYRING} does not have it",
            fix=commands.FORBID,
        ),
        Mistake(
            commands.AUTHORIZE.replace("rwps", "rw"),
            says="It can't set quotas: p is missing",
            fix=commands.FORBID,
        ),
        Mistake(
            f"{commands.AUTHORIZE}\n{_NO_CAPS}",
            says="no metadata server would speak to it",
            fix=commands.FORBID,
        ),
    ],
    rstats.mount: [
        Mistake("true", says="nothing is mounted there. `ceph-fuse --id lab"),
        Mistake(
            f"{_ELSEWHERE}\ntimeout 3 ceph-fuse -f --id lab /media || true",
            says="a monitor is looked for at [2001:db8::109], where none is",
            fix=_BACK,
        ),
        Mistake(
            f"{_NO_CAPS}\ntimeout 3 ceph-fuse -f --id lab /media || true",
            says="the key of client.lab has no caps for mds",
            fix=commands.AUTHORIZE,
            fix_first=True,
        ),
    ],
    rstats.sparse: [
        Mistake(
            f"truncate -s 80T {commands.MOUNT}/home/bob/disk || true",
            says="a file may have 1 TiB at most",
            fix=f"mv {commands.MOUNT}/home/bob/disk {commands.MOUNT}/empty",
        ),
        Mistake(
            commands.SPARSE.replace("80T", "80G"),
            says="it has 0.078125 TiB",
            fix=commands.NO_SPARSE,
        ),
    ],
    rstats.limit: [
        Mistake("true", says="max_bytes is not set"),
        Mistake(_SET.format(32, "/ann"), says="max_bytes is 32.", fix=_SET.format(0, "/ann")),
        Mistake(
            _SET.format(1 << 25, ""),
            says="It is set on home, for all",
            fix=_SET.format(0, ""),
            fix_first=True,
        ),
        Mistake(_NO_P, says="its caps for mds lack p", fix=_ALL_CAPS),
    ],
    rstats.recover: [
        Mistake("true", says="No such file or directory"),
        Mistake(
            f"cd {commands.MOUNT}/home/carol && mkdir thesis && echo new > thesis/draft",
            says="differ",
            fix=f"rm -r {commands.MOUNT}/home/carol/thesis",
        ),
    ],
    rstats.revive: [Mistake("true", says="only mds.bravo is there")],
    rstats.hot: [
        Mistake("true", says="there is no such program"),
        Mistake(
            _ANYWHERE, says="rctime is the latest change below a directory", fix=f"rm {PROGRAM}"
        ),
        Mistake(_WALKS, says="It walks the tree", fix=f"rm {PROGRAM}"),
    ],
}
