"""NixOS installed from its own ISO."""

from labkernel.labs.nixos.checks.installing import runs_from_its_disk
from labkernel.labs.nixos.commands.installing import FROM_ISO, Installation, skip_reason
from labkernel.labs.nixos.topology import lab

from_iso = lab.step(
    "from-iso",
    "Install NixOS from its ISO, reboot, and log in",
    on="machine",
    run=FROM_ISO,
    requires=skip_reason,
    runner=Installation(),
    timeout=4 * 3600,
    about="Not on the nodes of this lab: on a machine that boots the ISO and has the Internet, "
    "which it needs for the packages. The lines are typed at its console, those after `reboot` at "
    "that of the system which is then on its disk. Root's password is made for this machine.",
    check=runs_from_its_disk,
    wrong="echo hypervisor",
)
