"""What the builder's own system must be, and why it is not."""

import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.labs.nixos.commands import SYSTEM
from labkernel.labs.nixos.packages import generations

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check

_ROOT = re.compile(r"^PermitRootLogin (\S+)$", re.MULTILINE)
_SSHD = "etc/ssh/sshd_config"


def built(attempt: "Attempt") -> str:
    """`result` is a system in the store, and this machine's /etc is still its own."""
    path = _leads_to(attempt, "result")
    if "-system-hypervisor-" not in path:
        raise CheckFailed(Expected("builder", "result to lead to a system"), "it does not")
    return f"result leads to {path}"


def _leads_to(attempt: "Attempt", path: str) -> str:
    return attempt.run("builder", ["readlink", "-f", path]).output.strip()


def _root_login(attempt: "Attempt", path: str) -> str:
    """What an sshd_config says of root; empty if there is none."""
    found = _ROOT.search(attempt.run("builder", ["cat", path]).output)
    return found[1] if found else ""


def runs(generation: int, root: str) -> "Check":
    """A generation of the system is current, activated, and all of /etc follows it.

    :param root: what it says of root's login.
    """

    def check(attempt: "Attempt") -> str:
        expected = Expected("builder", f"generation {generation} of the system in /etc")
        current, all_ = generations(attempt, SYSTEM)
        if current != generation or _leads_to(attempt, "/run/current-system") != all_.get(current):
            raise CheckFailed(expected, f"generation {current} is the profile's, or is not active")
        if _root_login(attempt, f"/{_SSHD}") != root:
            raise CheckFailed(expected, f"/{_SSHD} is not its own")
        return f"generation {generation} is active, and says: PermitRootLogin {root}"

    return check


def flipped(attempt: "Attempt") -> str:
    """Whoever read meanwhile saw one system or the other, and nothing else."""
    found = re.search(r"(\d+) reads, (\d+) different", attempt.output)
    if not found or int(found[1]) < 10:
        raise CheckFailed("a file to be read while it is switched", "it was not")
    if int(found[2]) != 2:
        raise CheckFailed("two contents, one of each system", f"saw {found[2]}")
    return "each reader saw one system's file or the other's, whole"


def is_back(attempt: "Attempt") -> str:
    """The first system is current, for the next boot too, and active now."""
    expected = Expected("builder", "the first system, now and after the next boot")
    current, all_ = generations(attempt, SYSTEM)
    active = _leads_to(attempt, "/run/current-system")
    if attempt.run("builder", ["test", "-L", f"/{_SSHD}"]).exit_code:
        hint = f"Put the link back: `ln -sf /etc/static/ssh/sshd_config /{_SSHD}`."
        raise CheckFailed(expected, f"/{_SSHD} is a file that someone has written", hint)
    first = all_.get(1, "")
    if not first:
        hint = "Its generation is deleted. Bring me here starts afresh."
        raise CheckFailed(expected, "there is no first system any more", hint)
    if all_.get(current) != first and active == first:
        hint = f"`nix-env --profile {SYSTEM} --rollback` changes what boots."
        seen = f"it is active, but generation {current} is what would boot"
        raise CheckFailed(expected, seen, hint)
    if all_.get(current) != first:
        hint = f"nix-env rolls back any profile; the system's is {SYSTEM}."
        raise CheckFailed(expected, f"generation {current} is current and active", hint)
    if active != first:
        hint = f"A profile is a link. What acts is `{SYSTEM}/bin/switch-to-configuration`."
        raise CheckFailed(expected, "it would boot, but the second one is active still", hint)
    return f"the first system is back: PermitRootLogin {_root_login(attempt, f'/{_SSHD}')}"
