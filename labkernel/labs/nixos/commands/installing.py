"""Commands: an installation from an ISO, typed at the machine's console."""

import os
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING

from labkernel.errors import BackendError
from labkernel.vm.installer import Computer

if TYPE_CHECKING:
    from labkernel.command import OnOutput, Result
    from labkernel.vm.console import Console


FROM_ISO = """\
parted --script /dev/vda mklabel msdos mkpart primary xfs 1MiB 100% set 1 boot on
mkfs.xfs -L nixos /dev/vda1
udevadm settle
mount /dev/disk/by-label/nixos /mnt
nixos-generate-config --root /mnt
cat > /mnt/etc/nixos/configuration.nix <<'END'
{ config, pkgs, ... }:
{
  imports = [ ./hardware-configuration.nix ];
  boot.loader.grub.enable = true;
  boot.loader.grub.device = "/dev/vda";
  boot.kernelParams = [ "console=ttyS0,115200n8" ];
  networking.hostName = "hypervisor";
  environment.systemPackages = with pkgs; [ ceph-client vim ];
  services.openssh.enable = true;
  services.openssh.settings.PasswordAuthentication = false;
  virtualisation.libvirtd.enable = true;
  system.stateVersion = "25.05";
}
END
nixos-install
reboot
hostname
findmnt --noheadings --output SOURCE,FSTYPE /
systemctl is-active sshd libvirtd"""

_VARIABLE = "LABKERNEL_NIXOS_ISO"
_DISK, _MEMORY = 20 << 10, 3072  # MiB
_BOOT = 900.0  # seconds; by emulation an installer's CD takes minutes
# what the shell of either system is told to print when it waits: the last exit code, or for more
_PROMPTS = "stty cols 500; PS1='lk-$?-ready# ' PS2='lk-more> '"
_READY = r"(?:^|\n)lk-(?:(?P<code>\d+)-ready# |more> )"
_PASSWORD = r"(?P<asked>[Pp]assword: )"
_given = ""


def use_iso(path: str) -> None:
    """Have the step that installs NixOS do so from this ISO.

    :param path: of the file; empty: what the environment variable LABKERNEL_NIXOS_ISO says, if it
        says anything.
    """
    global _given  # noqa: PLW0603  one lab, one ISO
    _given = path


def _iso() -> str:
    return _given or os.environ.get(_VARIABLE, "")


def skip_reason() -> str:
    """Why there is no installation."""
    if _iso():
        return ""
    return f"it needs a NixOS ISO, and none is given: iso in the notebook, or {_VARIABLE}."


class Installation:
    """Types a step's lines at the console of a machine that has booted the ISO; those after
    ``reboot`` at that of the system on its disk."""

    def __init__(self) -> None:
        self._console: Console | None = None
        self._stopped = False

    def __call__(self, command: str, on_output: "OnOutput | None", timeout: float) -> "Result":
        """Run the lines, until one fails."""
        from labkernel.command import Result

        self._stopped = False
        said: list[str] = []
        started = time.monotonic()

        def hear(text: str) -> None:
            said.append(text)
            if on_output:
                on_output(text)

        path = Path(_iso())
        if not path.is_file():
            raise BackendError(f"there is no file {path}", "the path of a NixOS ISO")
        code = self._install(path, command, hear, started + timeout)
        output = "".join(said)
        return Result("machine", command, code, output, time.monotonic() - started)

    def _install(self, path: Path, command: str, hear: "OnOutput", end: float) -> int:
        """The exit code of the last line that was typed."""
        lines = command.splitlines()
        first = lines.index("reboot") if "reboot" in lines else len(lines)
        password = secrets.token_urlsafe(12)
        with Computer(path, _DISK, _MEMORY) as computer:
            with computer.boot_cd(hear) as self._console:
                self._console.expect(r"\[nixos@[^]\n]*\]\$ ", min(_BOOT, end - time.monotonic()))
                self._console.send("sudo -i\n")
                self._console.expect(r"\[root@[^]\n]*\]# ", 60)
                code = self._type(self._console, lines[:first], password, end)
                if code or first == len(lines):
                    return code
                self._console.send("reboot\n")
                self._console.wait(300)
            if self._stopped:
                raise BackendError("it was stopped before the machine booted from its disk")
            with computer.boot_disk(hear) as self._console:
                self._console.expect(r"login: ", min(_BOOT, end - time.monotonic()))
                self._console.send("root\n")
                self._console.expect(_PASSWORD, 60)
                self._console.send(f"{password}\n")
                self._console.expect(r"\[root@[^]\n]*\]# ", 60)
                return self._type(self._console, lines[first + 1 :], password, end)

    def _type(self, console: "Console", lines: list[str], password: str, end: float) -> int:
        """Type lines, each when the one before is done; gives the exit code of the last."""
        console.send(f"{_PROMPTS}\n")
        console.expect(_READY, 60)
        code = 0
        for line in lines:
            console.send(f"{line}\n")
            prompt = console.expect(f"{_READY}|{_PASSWORD}", max(end - time.monotonic(), 1))
            while prompt["asked"]:
                console.send(f"{password}\n")
                prompt = console.expect(f"{_READY}|{_PASSWORD}", 120)
            code = int(prompt["code"] or 0)
            if code:
                break
        return code

    def stop(self) -> None:
        """End the machine."""
        self._stopped = True
        if self._console:
            self._console.stop()
