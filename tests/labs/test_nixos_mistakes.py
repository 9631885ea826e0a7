"""NixOS: what trainees usually get wrong, and what the checks then say."""

import pytest

from labkernel import RunningLab, Step
from labkernel.labs import nixos
from labkernel.labs.nixos import commands

from .conftest import Mistakes, each_of, refusal

pytestmark = pytest.mark.backend

LAB = "nixos"

_FORMAT_AGAIN = nixos.format_it.undo
_SYSTEM = commands.SYSTEM


def _mend(old: str, new: str) -> str:
    """The solution, with a line of it done otherwise; that Nix complains is the point."""
    assert old in commands.MEND
    return commands.MEND.replace(old, new).rpartition("\n")[0]


def _today(old: str, new: str) -> str:
    assert old in commands.TODAY
    return commands.TODAY.replace(old, new).rpartition("\n")[0]


MISTAKES: Mistakes = {
    nixos.format_it: [
        ("machine", "true", "true", "but it has no file system"),
        ("machine", "mkfs.xfs /dev/loop0p1", _FORMAT_AGAIN, "but its label is empty"),
        ("machine", "mkfs.xfs -L NixOS /dev/loop0p1", _FORMAT_AGAIN, "but its label is NixOS"),
        ("machine", "mkswap --label nixos /dev/loop0p1", _FORMAT_AGAIN, "but it has swap"),
        (
            "machine",
            "mkfs.xfs -f -L nixos /dev/loop0",
            f"wipefs --all --quiet /dev/loop0\n{nixos.partition.run}",
            "but xfs is on the whole disk, /dev/loop0",
        ),
    ],
    nixos.mend: [
        ("builder", "true", "true", "attribute 'linuxPackages_4_1' missing"),
        (
            "builder",
            "sed -i 's/_4_1//; s/version = 2;/version = 2/' /etc/nixos/configuration.nix",
            nixos.mend.undo,
            "each definition ends with `;`",
        ),
        (
            "builder",
            _mend("/grub.version/d", "s/a^//"),
            nixos.mend.undo,
            "but: The option 'boot.loader.grub.version' no longer has any effect",
        ),
        (
            "builder",
            _mend("openssh.settings.", "openssh.setings."),
            nixos.mend.undo,
            "Did you mean 'services.openssh.settings'?",
        ),
        (
            "builder",
            _mend("openssh.settings.PermitRootLogin", "openssh.permitRootLogin"),
            nixos.mend.undo,
            "Write the new name in place of the old one",
        ),
        (
            "builder",
            _mend("s/openssh.permitRootLogin/openssh.settings.PermitRootLogin/", "/openssh/d"),
            nixos.mend.undo,
            "but sshd is lost",
        ),
        (
            "builder",
            _mend("/grub.version/d", "/grub.version/d; /imports/d"),
            nixos.mend.undo,
            "has no root file system",
        ),
    ],
    nixos.upgrade: [
        ("builder", "true", "true", "but the profile says hello from 1.0"),
        (
            "builder",
            "sed 's/1.0/2.0/' hello.nix > two.nix\nnix-build --no-out-link two.nix",
            "rm two.nix\nnix-store --quiet --delete /nix/store/*-hello-2.0",
            "2.0 is in the store, but not in the profile",
        ),
        (
            "builder",
            f"{commands.UPGRADE}\nnix-env --delete-generations 1",
            f"sed -i 's/2.0/1.0/' hello.nix\n{nixos.install.undo}\n{nixos.install.run}",
            "but no generation has 1.0 any more",
        ),
    ],
    nixos.rollback: [
        ("builder", "true", "true", "but generation 2 is current, and says hello from 2.0"),
        (
            "builder",
            "sed 's/2.0/1.0/' hello.nix > one.nix\nnix-env --install --file one.nix",
            "nix-env --switch-generation 2\nnix-env --delete-generations 3\nrm one.nix",
            "that is a step forward, not back",
        ),
    ],
    nixos.free: [
        ("builder", "nix-collect-garbage", "true", "`nix-env --delete-generations 2` lets go"),
        (
            "builder",
            "nix-env --delete-generations 2",
            commands.UNFREE,
            "Now collect: `nix-collect-garbage`",
        ),
        (
            "builder",
            "nix-build hello.nix -o two\nnix-env --delete-generations 2",
            f"rm two\n{commands.UNFREE}",
            "That link is a root: remove it, then collect",
        ),
        (
            "builder",
            "mv /nix/store/*-hello-2.0 /tmp/",
            "mv /tmp/*-hello-2.0 /nix/store/",
            "A path is never removed by hand",
        ),
    ],
    nixos.today: [
        ("builder", "true", "true", "but nothing tells it where the cluster is"),
        (
            "builder",
            _today("override { cephSupport = true; }", "override { cephSupport = false; }"),
            nixos.today.undo,
            "but its QEMU has the block drivers: file",
        ),
        (
            "builder",
            _today(commands.FSID, "00000000-0000-0000-0000-000000000000"),
            nixos.today.undo,
            f"The cluster's is {commands.FSID}",
        ),
        (
            "builder",
            _today(", 2001:db8::102", ""),
            nixos.today.undo,
            "but monHost lacks the monitor 2001:db8::102",
        ),
        (
            "builder",
            _today("PasswordAuthentication = false", "PasswordAuthentication = true"),
            nixos.today.undo,
            "but SSH takes passwords",
        ),
        (
            "builder",
            _today('"prohibit-password"', "false"),
            nixos.today.undo,
            "PermitRootLogin' is not of type 'one of \"yes\"",
        ),
    ],
    nixos.back: [
        ("builder", "true", "true", "but generation 2 is current and active"),
        (
            "builder",
            f"nix-env --profile {_SYSTEM} --rollback",
            f"nix-env --profile {_SYSTEM} --switch-generation 2",
            "it would boot, but the second one is active still",
        ),
        (
            "builder",
            f"{_SYSTEM}-1-link/bin/switch-to-configuration",
            f"{_SYSTEM}-2-link/bin/switch-to-configuration",
            "it is active, but generation 2 is what would boot",
        ),
        (
            "builder",
            f"cp --remove-destination {_SYSTEM}-1-link/etc/ssh/sshd_config /etc/ssh/sshd_config",
            "ln -sf /etc/static/ssh/sshd_config /etc/ssh/sshd_config",
            "is a file that someone has written",
        ),
    ],
}


@each_of(MISTAKES)
def test_diagnosis(
    running: RunningLab, step: Step, node: str, mistake: str, remedy: str, words: str
) -> None:
    """The check says what is wrong."""
    assert words in refusal(running, step, node, mistake, remedy, words)
