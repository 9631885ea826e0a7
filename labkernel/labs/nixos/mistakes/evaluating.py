"""Mistakes and other right answers of `steps.evaluating`."""

from labkernel import Mistake, Right
from labkernel.labs import nixos

_MEND = """\
cd /etc/nixos
sed -i '/grub.version/d' configuration.nix
sed -i 's/linuxPackages_4_1/linuxPackages/' configuration.nix
sed -i 's/openssh.permitRootLogin/openssh.settings.PermitRootLogin/' configuration.nix"""


def _edited(old: str, new: str) -> str:
    """The right answer, line by line, with one of them done otherwise."""
    assert old in _MEND
    return _MEND.replace(old, new)


MISTAKES = {
    nixos.mend: [
        Mistake("true", says="attribute 'linuxPackages_4_1' missing"),
        Mistake(
            "sed -i 's/_4_1//; s/version = 2;/version = 2/' /etc/nixos/configuration.nix",
            says="each definition ends with `;`",
            fix=nixos.mend.undo,
        ),
        Mistake(
            _edited("/grub.version/d", "s/a^//"),
            says="but: The option 'boot.loader.grub.version' no longer has any effect",
            fix=nixos.mend.undo,
        ),
        Mistake(
            _edited("openssh.settings.", "openssh.setings."),
            says="Did you mean 'services.openssh.settings'?",
            fix=nixos.mend.undo,
        ),
        Mistake(
            _edited("openssh.settings.PermitRootLogin", "openssh.permitRootLogin"),
            says="Write the new name in place of the old one",
            fix=nixos.mend.undo,
        ),
        Mistake(
            _edited("s/openssh.permitRootLogin/openssh.settings.PermitRootLogin/", "/openssh/d"),
            says="but sshd is lost",
            fix=nixos.mend.undo,
        ),
        Mistake(
            _edited("/grub.version/d", "/grub.version/d; /imports/d"),
            says="has no root file system",
            fix=nixos.mend.undo,
        ),
    ],
}

ALSO_RIGHT = {
    nixos.mend: [
        Right(_MEND),
        Right(_edited("s/linuxPackages_4_1/linuxPackages/", "/kernelPackages/d")),
    ],
}
