"""Mistakes and other right answers of `steps.storing`."""

from labkernel import Mistake
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

_ROOM = f"{NO_POOL}\n{EMPTY}"

MISTAKES = {
    ceph.pool: [
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
