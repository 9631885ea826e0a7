"""Mistakes and other right answers of `steps.storing`."""

from labkernel import Mistake, Right
from labkernel.labs import ceph_bluestore as ceph
from labkernel.labs._ceph import configuration
from labkernel.labs._ceph.configuration import wait_for
from labkernel.labs.ceph_bluestore.commands.filling import EMPTY
from labkernel.labs.ceph_bluestore.commands.storing import NO_POOL, POOL

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

_STOP = configuration.stop("ceph-mon")

_SKEWED = wait_for("ceph health", "clock skew")

_QUORUM = wait_for("ceph mon stat", "quorum 0,1,2")

_NEARLY_FULL = "ceph osd set-nearfull-ratio 0.001\n" + wait_for("ceph health", "3 nearfull")

_FULL = "ceph osd set-backfillfull-ratio 0.001\nceph osd set-full-ratio 0.001\n" + wait_for(
    "ceph health", "3 full"
)

_RACKS = "ceph osd crush rule create-replicated racks default rack"

_ROOM = f"{NO_POOL}\n{EMPTY}"

MISTAKES = {
    ceph.pool: [
        Mistake(
            "ceph osd pool create lab 32 32 erasure\nceph osd pool application enable lab lessons",
            says="it is erasure-coded (4 chunks), and keeps no copies",
            fix=f"{NO_POOL}\nceph osd crush rule rm lab",
            fix_first=True,  # a pool's type never changes
        ),
        Mistake(
            f"{_RACKS}\n{POOL.replace('lab 32', 'lab 32 32 replicated racks', 1)}",
            says="The rule racks wants 3 of the type rack, and the CRUSH map has 0",
            fix=f"{NO_POOL}\nceph osd crush rule rm racks",
            fix_first=True,  # nor does its rule by itself
        ),
        Mistake("true", says="there is no such pool (pools: none)"),
        Mistake(
            "ceph osd pool create lab 32",
            says="no application is enabled on it",
            fix=NO_POOL,
        ),
        Mistake(POOL.replace("32", "8"), says="but it has 8", fix=NO_POOL),
        Mistake(
            POOL.replace("size 3", "size 2"),
            says="it keeps 2 copies",
            fix=NO_POOL,
        ),
        Mistake(
            f"{POOL}\n{_STOP}\n{_LATER} ceph-mon -i bravo\n{_SKEWED}",
            says="have each node ask one time server",
            on="bravo",
            fix=f"{NO_POOL}\n{_STOP}\nceph-mon -i bravo\n{_QUORUM}",
        ),
        Mistake(
            f"{POOL}\n{_NEARLY_FULL}",
            says="Writes stop when it is full",
            fix=_ROOM,
            fix_first=True,
        ),
        Mistake(
            f"{POOL}\n{_NEARLY_FULL}\n{_FULL}",
            says="Nobody can write",
            fix=_ROOM,
            fix_first=True,
        ),
    ],
}

_GROWN = """\
ceph osd pool create lab 16
ceph osd pool set lab pg_num 32
ceph osd pool set lab pgp_num 32
ceph osd pool application enable lab rgw"""

ALSO_RIGHT = {
    ceph.pool: [
        Right(
            "ceph osd pool create lab 32 32 replicated\nceph osd pool application enable lab rbd"
        ),
        Right(_GROWN),
    ],
}
