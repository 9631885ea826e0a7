"""A place for peers to run in, which leaves the host as it was."""

import os
from collections.abc import Sequence

from common import need

# What a peer does to the host's own network, mounts or kernel settings stays in here, and ends
# with its process whatever it forgets.  host0 stands for the host's own interface: without it a
# peer's first veth has index 2 at both ends, and the kernel takes such a link for one that is in no
# hurry and lets it wait for up to a second (linkwatch_urgent_event).
_CONFINE = """
set -e
for part in kernel fs vm; do
    mount --bind /proc/sys/$part /proc/sys/$part
    mount -o remount,bind,ro /proc/sys/$part
done
mount -t tmpfs tmpfs /run
mkdir /run/netns /run/sshd
ip link add host0 type bridge
"$@"
exit $?  # not exec: this shell stays as the init that orphans need
"""


def confined(words: Sequence[str]) -> list[str]:
    """The words that run a command as root of namespaces of its own.

    :raises Missing: unshare is not installed.
    """
    unshare = [need("unshare", "util-linux"), "--fork", "--kill-child"]
    unshare += ["--net", "--mount", "--uts", "--ipc", "--pid", "--mount-proc"]
    if os.geteuid():
        unshare += ["--user", "--map-root-user"]
    return [*unshare, "sh", "-c", _CONFINE, "sh", *words]
