"""Mistakes and other right answers of `steps.systems`."""

from labkernel import Mistake, Right
from labkernel.labs import nixos
from labkernel.labs.nixos.commands.systems import FSID, ROLL_BACK, SYSTEM, TODAY

_SYSTEM = SYSTEM

_ACTIVATE = f"{_SYSTEM}/bin/switch-to-configuration"

_FORWARD = f"{nixos.back.undo}\nnix-env --profile {_SYSTEM} --delete-generations 3"


def _today(old: str, new: str) -> str:
    assert old in TODAY
    return TODAY.replace(old, new).rpartition("\n")[0]


MISTAKES = {
    nixos.today: [
        Mistake("true", says="but nothing tells it where the cluster is"),
        Mistake(
            _today("override { cephSupport = true; }", "override { cephSupport = false; }"),
            says="but its QEMU has the block drivers: file",
            fix=nixos.today.undo,
        ),
        Mistake(
            _today(FSID, "00000000-0000-0000-0000-000000000000"),
            says=f"The cluster's is {FSID}",
            fix=nixos.today.undo,
        ),
        Mistake(
            _today(", 2001:db8::102", ""),
            says="but monHost lacks the monitor 2001:db8::102",
            fix=nixos.today.undo,
        ),
        Mistake(
            _today("PasswordAuthentication = false", "PasswordAuthentication = true"),
            says="but SSH takes passwords",
            fix=nixos.today.undo,
        ),
        Mistake(
            _today('"prohibit-password"', "false"),
            says="PermitRootLogin' is not of type 'one of \"yes\"",
            fix=nixos.today.undo,
        ),
    ],
    nixos.back: [
        Mistake("true", says="but generation 2 is current and active"),
        Mistake(
            f"nix-env --profile {_SYSTEM} --rollback",
            says="it would boot, but the second one is active still",
        ),
        Mistake(
            f"nix-env --profile {_SYSTEM} --set {_SYSTEM}-1-link",
            says="it would boot, but the second one is active still",
            fix=f"nix-env --profile {_SYSTEM} --delete-generations 3",
        ),
        Mistake(
            f"{_SYSTEM}-1-link/bin/switch-to-configuration",
            says="it is active, but generation 2 is what would boot",
        ),
        Mistake(
            f"cp --remove-destination {_SYSTEM}-1-link/etc/ssh/sshd_config /etc/ssh/sshd_config",
            says="is a file that someone has written",
            fix="ln -sf /etc/static/ssh/sshd_config /etc/ssh/sshd_config",
        ),
    ],
}

ALSO_RIGHT = {
    nixos.back: [
        Right(ROLL_BACK.replace("--switch-generation 1", "--rollback")),
        Right(f"nix-env --profile {_SYSTEM} --set {_SYSTEM}-1-link\n{_ACTIVATE}", undo=_FORWARD),
    ],
}
