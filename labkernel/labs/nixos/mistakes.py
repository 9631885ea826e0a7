"""NixOS: what trainees usually get wrong, and what the checks then say."""

from labkernel import Mistake, Right
from labkernel.labs import nixos
from labkernel.labs.nixos import commands

_FORMAT_AGAIN = nixos.format_it.undo

_SYSTEM = commands.SYSTEM

_ACTIVATE = f"{_SYSTEM}/bin/switch-to-configuration"

_FORWARD = f"{nixos.back.undo}\nnix-env --profile {_SYSTEM} --delete-generations 3"


_MEND = """\
cd /etc/nixos
sed -i '/grub.version/d' configuration.nix
sed -i 's/linuxPackages_4_1/linuxPackages/' configuration.nix
sed -i 's/openssh.permitRootLogin/openssh.settings.PermitRootLogin/' configuration.nix"""


def _mend(old: str, new: str) -> str:
    """The right answer, line by line, with one of them done otherwise."""
    assert old in _MEND
    return _MEND.replace(old, new)


def _today(old: str, new: str) -> str:
    assert old in commands.TODAY
    return commands.TODAY.replace(old, new).rpartition("\n")[0]


MISTAKES = {
    nixos.format_it: [
        Mistake("true", says="but it has no file system"),
        Mistake("mkfs.xfs /dev/loop0p1", says="but its label is empty", fix=_FORMAT_AGAIN),
        Mistake("mkfs.xfs -L NixOS /dev/loop0p1", says="but its label is NixOS", fix=_FORMAT_AGAIN),
        Mistake("mkswap --label nixos /dev/loop0p1", says="but it has swap", fix=_FORMAT_AGAIN),
        Mistake(
            "mkfs.xfs -f -L nixos /dev/loop0",
            says="but xfs is on the whole disk, /dev/loop0",
            fix=f"wipefs --all --quiet /dev/loop0\n{nixos.partition.run}",
            fix_first=True,
        ),
    ],
    nixos.mend: [
        Mistake("true", says="attribute 'linuxPackages_4_1' missing"),
        Mistake(
            "sed -i 's/_4_1//; s/version = 2;/version = 2/' /etc/nixos/configuration.nix",
            says="each definition ends with `;`",
            fix=nixos.mend.undo,
        ),
        Mistake(
            _mend("/grub.version/d", "s/a^//"),
            says="but: The option 'boot.loader.grub.version' no longer has any effect",
            fix=nixos.mend.undo,
        ),
        Mistake(
            _mend("openssh.settings.", "openssh.setings."),
            says="Did you mean 'services.openssh.settings'?",
            fix=nixos.mend.undo,
        ),
        Mistake(
            _mend("openssh.settings.PermitRootLogin", "openssh.permitRootLogin"),
            says="Write the new name in place of the old one",
            fix=nixos.mend.undo,
        ),
        Mistake(
            _mend("s/openssh.permitRootLogin/openssh.settings.PermitRootLogin/", "/openssh/d"),
            says="but sshd is lost",
            fix=nixos.mend.undo,
        ),
        Mistake(
            _mend("/grub.version/d", "/grub.version/d; /imports/d"),
            says="has no root file system",
            fix=nixos.mend.undo,
        ),
    ],
    nixos.upgrade: [
        Mistake("true", says="but the profile says hello from 1.0"),
        Mistake(
            "sed 's/1.0/2.0/' hello.nix > two.nix\nnix-build --no-out-link two.nix",
            says="2.0 is in the store, but not in the profile",
            fix="rm two.nix\nnix-store --quiet --delete /nix/store/*-hello-2.0",
        ),
        Mistake(
            f"{commands.UPGRADE}\nnix-env --delete-generations 1",
            says="but no generation has 1.0 any more",
            fix=f"sed -i 's/2.0/1.0/' hello.nix\n{nixos.install.undo}\n{nixos.install.run}",
            fix_first=True,
        ),
        Mistake(
            "sed -i 's/1.0/2.1/' hello.nix\nnix-build --no-out-link hello.nix",
            says="but the profile says hello from 1.0",
            fix="nix-store --quiet --delete /nix/store/*-hello-2.1",
        ),
    ],
    nixos.rollback: [
        Mistake("true", says="but generation 2 is current, and says hello from 2.0"),
        Mistake(
            "sed 's/2.0/1.0/' hello.nix > one.nix\nnix-env --install --file one.nix",
            says="that is a step forward, not back",
            fix="nix-env --delete-generations 3\nrm one.nix",
        ),
    ],
    nixos.free: [
        Mistake("nix-collect-garbage", says="`nix-env --delete-generations 2` lets go"),
        Mistake(
            "nix-env --delete-generations 2",
            says="Now collect: `nix-collect-garbage`",
            fix=commands.UNFREE,
        ),
        Mistake(
            "nix-build hello.nix -o two\nnix-env --delete-generations 2",
            says="That link is a root: remove it, then collect",
            fix="rm two",
            fix_first=True,
        ),
        Mistake(
            "nix-env --switch-generation 2\nnix-collect-garbage",
            says="It is the current generation that is not to be lost",
            fix="nix-env --rollback",
            fix_first=True,
        ),
        Mistake(
            "mv /nix/store/*-hello-2.0 /tmp/",
            says="A path is never removed by hand",
            fix="rm -r /tmp/*-hello-2.0",
        ),
    ],
    nixos.today: [
        Mistake("true", says="but nothing tells it where the cluster is"),
        Mistake(
            _today("override { cephSupport = true; }", "override { cephSupport = false; }"),
            says="but its QEMU has the block drivers: file",
            fix=nixos.today.undo,
        ),
        Mistake(
            _today(commands.FSID, "00000000-0000-0000-0000-000000000000"),
            says=f"The cluster's is {commands.FSID}",
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
    nixos.rollback: [Right("nix-env --rollback")],
    nixos.back: [
        Right(commands.ROLL_BACK.replace("--switch-generation 1", "--rollback")),
        Right(f"nix-env --profile {_SYSTEM} --set {_SYSTEM}-1-link\n{_ACTIVATE}", undo=_FORWARD),
    ],
}
