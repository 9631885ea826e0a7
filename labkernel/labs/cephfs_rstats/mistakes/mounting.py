"""Mistakes and other right answers of `steps.mounting`."""

from labkernel import Mistake, Right
from labkernel.labs import cephfs_rstats as rstats
from labkernel.labs.cephfs_rstats.commands.mounting import (
    AUTHORIZE,
    CLIENT,
    FORBID,
    KEYRING,
    MAKE,
    REMOVE,
    remove_server,
    start_server,
)

_ONE_POOL = "ceph osd pool create lab.meta 8"

_POOLS = f"{_ONE_POOL}\nceph osd pool create lab.data 16"

_NO_POOLS = REMOVE.splitlines()[-1]

_NO_CAPS = (
    f"ceph auth caps {CLIENT} mon 'allow r' osd 'allow rw tag cephfs data=lab'\n"
    f"ceph auth get {CLIENT} > {KEYRING}"
)

_ELSEWHERE = "sed -i 's/2001:db8::100/2001:db8::109/' /etc/ceph/ceph.conf"

_BACK = "sed -i 's/2001:db8::109/2001:db8::100/' /etc/ceph/ceph.conf"

_WITHOUT_CAPS = start_server("bravo").replace("osd 'allow rw tag cephfs *=*' mds 'allow'", "")


def _key(caps: str) -> str:
    """Make the client's key with these caps, and write its keyring."""
    return f"ceph auth rm client.lab\nceph auth get-or-create client.lab {caps} -o {KEYRING}"


MISTAKES = {
    rstats.make: [
        Mistake(
            MAKE.replace("lab.meta 8", "lab.meta 16").replace("lab.data 16", "lab.data 8"),
            says="the pool lab.meta has 16 placement groups",
            fix=REMOVE,
            fix_first=True,  # the pools are there
        ),
        Mistake(
            f"{_POOLS}\nceph osd pool create other 8\nceph fs new lab lab.meta other",
            says="its data are not in lab.data",
            fix=f"{REMOVE}\nceph osd pool rm other other --yes-i-really-really-mean-it",
            fix_first=True,
        ),
        Mistake("true", says="there is no pool lab.meta (pools: none)"),
        Mistake(_POOLS, says="the pool lab.meta is for no application yet", fix=_NO_POOLS),
        Mistake(
            f"{_POOLS}\nceph fs new lab lab.data lab.meta",
            says="its metadata are not in lab.meta. The metadata pool stands first",
            fix=REMOVE,
            fix_first=True,
        ),
        Mistake(
            f"{_POOLS}\nceph fs new cephfs lab.meta lab.data",
            says="it is called cephfs",
            fix=REMOVE.replace("fail lab", "fail cephfs").replace("rm lab", "rm cephfs"),
            fix_first=True,
        ),
    ],
    rstats.standby: [
        Mistake(
            "ceph fs set lab standby_count_wanted 0",
            says="only mds.alpha is there",
            fix="ceph fs set lab standby_count_wanted 1",
        ),
        Mistake(
            start_server("bravo").replace("bravo", "charlie"),
            says="only mds.alpha is there",
            fix=remove_server("charlie"),
        ),
        Mistake("true", says="(MDS_INSUFFICIENT_STANDBY: insufficient standby MDS daemons"),
        Mistake(
            start_server("bravo").rpartition("\n")[0],
            says="`ceph-mds -i bravo` on bravo.",
            fix=remove_server("bravo"),
        ),
        Mistake(
            _WITHOUT_CAPS,
            says="mds.bravo has no caps for osd. It would fail when",
            fix=remove_server("bravo"),
        ),
        Mistake(
            start_server("bravo").replace("osd 'allow rw tag cephfs *=*' mds", "mds"),
            says="mds.bravo has no caps for osd. It would fail when",
            fix=remove_server("bravo"),
        ),
    ],
    rstats.authorize: [
        Mistake(
            AUTHORIZE.replace("/ rwps", "/home rwps"),
            says="it can't reach all of the file system",
            fix=FORBID,
        ),
        Mistake(
            _key("mon 'allow r fsname=lab' mds 'allow rwps fsname=lab'"),
            says="it can't write data to the OSDs",
            fix=FORBID,
        ),
        Mistake(
            _key("mon 'allow *' osd 'allow *' mds 'allow *'"),
            says="it may write into the pool lab.meta as well",
            fix=FORBID,
        ),
        Mistake(
            f'{AUTHORIZE}\nsed -i "s|key = .*|key = $(ceph-authtool --gen-print-key)|" {KEYRING}',
            says="has another key than the cluster knows",
            fix=FORBID,
        ),
        Mistake("true", says="the cluster knows no client.lab"),
        Mistake(
            "ceph fs authorize lab client.lab / rwps",
            says=f"{KEYRING} does not have it",
            fix=FORBID,
        ),
        Mistake(
            AUTHORIZE.replace("rwps", "rw"),
            says="it can't set quotas",
            fix=FORBID,
        ),
        Mistake(
            f"{AUTHORIZE}\n{_NO_CAPS}",
            says="no metadata server would speak to it",
            fix=FORBID,
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
            fix=AUTHORIZE,
            fix_first=True,
        ),
    ],
}

_ALL = "mon 'allow r fsname=lab' osd 'allow rw tag cephfs data=lab' mds 'allow rwps fsname=lab'"
_IMPORTED = f"""\
ceph-authtool --create-keyring {KEYRING} --gen-key -n client.lab \\
  --cap mon 'allow r' --cap osd 'allow rw pool=lab.data' --cap mds 'allow rwps'
ceph auth import -i {KEYRING}"""
_MDS_CAPS = "mon 'allow profile mds' mgr 'allow profile mds' osd 'allow rwx' mds 'allow *'"
_PLACE = "/var/lib/ceph/mds/ceph-bravo"
_BY_HAND = f"""\
mkdir -p {_PLACE}
ceph auth get-or-create mds.bravo {_MDS_CAPS} -o {_PLACE}/keyring
ceph-mds --id bravo"""

ALSO_RIGHT = {
    rstats.make: [
        Right(MAKE.replace("meta 8", "meta 8 8 replicated").replace("data 16", "data --pg_num 16")),
        Right("\n".join([*reversed(MAKE.splitlines()[:2]), MAKE.splitlines()[2]])),
    ],
    rstats.standby: [
        Right(_BY_HAND),
        Right(f"{start_server('bravo')} -f > /dev/null 2>&1 &"),
    ],
    rstats.authorize: [Right(_key(_ALL)), Right(_IMPORTED)],
}
