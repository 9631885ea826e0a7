"""Diagnoses a refused user namespace, or a refused mount in one, on a machine and in a container.
Standard library alone: see linux.py.
"""

import os
import stat
from dataclasses import dataclass, field

from labkernel.linux import setting

_APPARMOR = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns"
_PROFILE = (
    f"sudo sysctl {_APPARMOR.removeprefix('/proc/sys/').replace('/', '.')}=0, or `make setup`, "
    "which adds an AppArmor profile for labkernel alone"
)
_SETTINGS = (
    (_APPARMOR, "1", _PROFILE),
    (
        "/proc/sys/kernel/unprivileged_userns_clone",
        "0",
        "sudo sysctl kernel.unprivileged_userns_clone=1",
    ),
    ("/proc/sys/user/max_user_namespaces", "0", "sudo sysctl user.max_user_namespaces=15000"),
)
_SETGID, _SETUID, _SYS_ADMIN = 6, 7, 21
_IDS = 65535  # needed by a node, including its user's own


class NoUserNamespace(OSError):
    """A user namespace can't be made here; `remedy` says what to do."""

    def __init__(self, why: str, remedy: str) -> None:
        self.why = why
        self.remedy = remedy
        super().__init__(f"{why}. Try: {remedy}.")


def of_namespace(error: OSError) -> NoUserNamespace:
    """Diagnose a refused namespace, or a refused mount in one."""
    for path, bad, remedy in _SETTINGS:
        if setting(path) == bad:
            name = path.removeprefix("/proc/sys/").replace("/", ".")
            return NoUserNamespace(f"user namespaces are not allowed ({name} = {bad})", remedy)
    message = error.strerror or str(error)
    if "mount " in message and (masked := _masked()):
        return NoUserNamespace(
            f"parts of {masked} are hidden, so the kernel refuses to mount it again ({error})",
            "in a container: docker run --security-opt systempaths=unconfined; "
            "podman run --security-opt unmask=ALL; Kubernetes: procMount: Unmasked",
        )
    if _filtered():
        return NoUserNamespace(
            f"namespaces are refused ({message}), and system calls are filtered here",
            "in a container: docker or podman run --security-opt "
            "seccomp=images/container/seccomp.json (see docs/containers.md); Kubernetes: "
            "seccompProfile of type Localhost or Unconfined",
        )
    more = "" if os.geteuid() == 0 else "run as root, or "
    return NoUserNamespace(
        f"namespaces are refused ({message})",
        f"{more}allow user namespaces (in a container: --privileged, or docs/containers.md)",
    )


@dataclass(frozen=True)
class Outside:
    """Properties of this process before it enters a user namespace.

    :param status: its /proc/self/status.
    :param ids: the number of user ids in its user namespace.
    """

    status: str = field(default_factory=lambda: setting("/proc/self/status"))
    ids: int = field(default_factory=lambda: sum(count for _, count in ids_here()))


def of_maps(outside: Outside) -> NoUserNamespace:
    """Diagnose that newuidmap and newgidmap could not write the id maps of a user namespace."""
    what = "newuidmap could not write the user namespace's id maps"
    if _field(outside.status, "NoNewPrivs") == "1":
        return NoUserNamespace(
            f"{what}: this process may gain no privileges (NoNewPrivs: 1)",
            "docker or podman run without --security-opt no-new-privileges; Kubernetes: "
            "allowPrivilegeEscalation: true; systemd: NoNewPrivileges=no",
        )
    bounding = int(_field(outside.status, "CapBnd") or "0", 16)
    lacking = [
        name for name, bit in (("SETUID", _SETUID), ("SETGID", _SETGID)) if not bounding >> bit & 1
    ]
    if lacking:
        options = " ".join(f"--cap-add {name}" for name in lacking)
        return NoUserNamespace(
            f"{what}: this process may not have the capability {' or '.join(lacking)}",
            f"docker or podman run {options}; Kubernetes: capabilities.add: {', '.join(lacking)}",
        )
    if not bounding >> _SYS_ADMIN & 1 and (tool := _setuid_tool()):
        return NoUserNamespace(
            f"{what}: {tool} is setuid, and such needs SYS_ADMIN, which this container lacks",
            "in the container's image: chmod u-s /usr/bin/newuidmap /usr/bin/newgidmap; "
            "setcap cap_setuid=ep /usr/bin/newuidmap; setcap cap_setgid=ep /usr/bin/newgidmap",
        )
    if outside.ids < _IDS:
        return NoUserNamespace(
            f"{what}: there are {outside.ids} user ids here, and a node needs {_IDS}",
            "as that user on the machine itself; a container of an engine whose user has a whole "
            "range in /etc/subuid; Kubernetes: userNamespaces.idsPerPod of 65536 or more",
        )
    return NoUserNamespace(
        what, "sudo apt-get install uidmap, and look at /etc/subuid and /etc/subgid"
    )


def ids_here(map_: str = "/proc/self/uid_map") -> list[tuple[int, int]]:
    """The ids of this user namespace, which may be few in a container: ranges of a first id and a
    count."""
    lines = [line.split() for line in setting(map_).splitlines()]
    return [(int(words[0]), int(words[2])) for words in lines if len(words) == 3] or [(0, 2**32)]


def _masked() -> str:
    """/proc or /sys if a part of it is hidden by another mount; empty if not."""
    for line in setting("/proc/self/mountinfo").splitlines():
        target = line.split()[4]
        for whole in ("/proc", "/sys"):
            hides = target.startswith(f"{whole}/") and not target.startswith(
                ("/sys/fs/", "/sys/kernel/", "/sys/firmware/efi", "/proc/sys/fs/binfmt_misc")
            )
            if hides:
                return whole
    return ""


def _filtered() -> bool:
    return _field(setting("/proc/self/status"), "Seccomp") == "2"


def _field(status: str, name: str) -> str:
    """A field of /proc/self/status."""
    for line in status.splitlines():
        if line.startswith(f"{name}:"):
            return line.partition(":")[2].strip()
    return ""


def _setuid_tool() -> str:
    from shutil import which  # slow to import, and seldom wanted

    tool = which("newuidmap")
    return tool if tool and os.stat(tool).st_mode & stat.S_ISUID else ""
