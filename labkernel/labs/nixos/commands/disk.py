"""Commands: a disk that becomes a root file system, and the configuration of 2015."""

DISK, PARTITION = "/dev/loop0", "/dev/loop0p1"

#: the machine's disk: a file that takes what is written to it
GIVE_DISK = f"""\
modprobe loop
truncate -s 8G /var/disk
losetup --partscan {DISK} /var/disk"""

PARTITION_IT = f"""\
parted --script {DISK} mklabel msdos mkpart primary xfs 1MiB 100% set 1 boot on
parted --script {DISK} print"""

FORMAT = f"mkfs.xfs -f -L nixos {PARTITION}"

MOUNT = """\
udevadm settle
mount /dev/disk/by-label/nixos /mnt
findmnt --real --output TARGET,SOURCE,FSTYPE /mnt"""

HARDWARE = """\
{
  fileSystems."/" = { device = "/dev/disk/by-label/nixos"; fsType = "xfs"; };
}
"""

CONFIGURATION = """\
{ config, pkgs, ... }:
{
  imports = [ ./hardware-configuration.nix ];

  boot.loader.grub.enable = true;
  boot.loader.grub.version = 2;
  boot.loader.grub.device = "/dev/vda";
  boot.kernelPackages = pkgs.linuxPackages_4_1;

  networking.hostName = "hypervisor";

  environment.systemPackages = with pkgs; [ ceph vim ];

  services.openssh.enable = true;
  services.openssh.permitRootLogin = "yes";

  virtualisation.libvirtd.enable = true;

  system.stateVersion = "15.09";
}
"""


def written(directory: str) -> str:
    """Writes the configuration of 2015 to a directory."""
    return f"""\
mkdir -p {directory}
cat > {directory}/hardware-configuration.nix <<'END'
{HARDWARE}END
cat > {directory}/configuration.nix <<'END'
{CONFIGURATION}END"""


CONFIGURE = f"""\
{written("/mnt/etc/nixos")}
find /mnt -type f"""
