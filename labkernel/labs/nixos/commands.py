"""The commands of the steps."""

DISK, PARTITION = "/dev/loop0", "/dev/loop0p1"
NIXOS = "/usr/share/tiny-nixos"
PROFILE = "/nix/var/nix/profiles/per-user/root/profile"
SYSTEM = "/nix/var/nix/profiles/system"
FSID = "5d0c4b1e-2f6a-4a0e-9c39-0b7d1f8e6a27"
MONITORS = "2001:db8::100, 2001:db8::101, 2001:db8::102"

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
_MENDED = (
    CONFIGURATION.replace("  boot.loader.grub.version = 2;\n", "")
    .replace("linuxPackages_4_1", "linuxPackages")
    .replace("openssh.permitRootLogin", "openssh.settings.PermitRootLogin")
)


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

PARSE = "nix-instantiate --parse /etc/nixos/configuration.nix | head -c 179"

EVALUATE = f"nix-instantiate {NIXOS} -A system"

MEND = f"""\
cat > /etc/nixos/configuration.nix <<'END'
{_MENDED}END
nix-instantiate {NIXOS} -A system"""

SUMMARY = f"nix-instantiate --eval --strict --json {NIXOS} -A summary"

MISTAKES = f"""\
cat > /tmp/mistakes.nix <<'END'
{{ pkgs, ... }}:
{{
  imports = [ /etc/nixos/configuration.nix ];
  services.opensshd.enable = true;
  networking.firewall.allowedTCPPorts = [ "6789" ];
  networking.hostName = "another";
  virtualisation.libvirtd.enable = pkgs.libvirt;
}}
END
nix-instantiate {NIXOS} -A system \\
  --arg configuration /tmp/mistakes.nix 2>&1 | tail -n 5"""

# -- packages ------------------------------------------------------------------------------------

RECIPE = """\
cat > hello.nix <<'END'
let version = "1.0"; in
derivation {
  name = "hello-${version}";
  system = "x86_64-linux";
  builder = "/bin/sh";
  args = [ "-ec" ''
    PATH=/bin
    mkdir -p $out/bin
    printf '#!/bin/sh\\necho hello from ${version}\\n' > $out/bin/hello
    chmod +x $out/bin/hello
  '' ];
}
END
nix-build --no-out-link hello.nix"""

HASHES = """\
(echo '# the same in another file'; cat hello.nix) > /tmp/same.nix
sed 's/hello from/Hello from/' hello.nix > /tmp/other.nix
for file in hello.nix /tmp/same.nix /tmp/other.nix; do
  nix-build --quiet --no-out-link $file
done"""

INSTALL = """\
nix-env --quiet --install --file hello.nix
~/.nix-profile/bin/hello
nix-env --list-generations"""

UPGRADE = """\
sed -i 's/version = ".*"/version = "2.0"/' hello.nix
nix-env --upgrade --file hello.nix"""
DOWNGRADE = """\
sed -i 's/2.0/1.0/' hello.nix
nix-env --quiet --switch-generation 1
nix-env --delete-generations 2"""
GO_BACK = "nix-env --switch-generation 1"

BREAK = """\
sed 's/2.0/3.0/; s/chmod.*/chmod +x nowhere/' hello.nix > broken.nix
nix-env --upgrade --file broken.nix
~/.nix-profile/bin/hello"""

BESIDE = """\
for path in /nix/store/*-hello-?.?; do
  nix-store --check-validity $path && echo $path: $($path/bin/hello)
done"""

COLLECT = """\
nix-store --gc --print-dead 2>/dev/null | grep hello | sort
nix-collect-garbage 2>&1 | tail -n 1"""
LITTER = "nix-build --quiet --no-out-link /tmp/other.nix"

FREE = """\
nix-env --delete-generations 2
nix-collect-garbage 2>&1 | tail -n 1"""
UNFREE = """\
nix-env --quiet --upgrade --file hello.nix
nix-env --rollback"""

# -- a system ------------------------------------------------------------------------------------

BUILD = f"""\
nix-build --quiet {NIXOS} -A system
find result/ -type l -o -type f | sort"""

SWITCH = f"""\
nix-env --profile {SYSTEM} --set ./result
./result/bin/switch-to-configuration
ls -l /etc/ssh/sshd_config /etc/static /run/current-system | cut -d ' ' -f 9-
cat /etc/ssh/sshd_config"""
LEAVE = f"""\
rm -f {SYSTEM} {SYSTEM}-*-link /run/current-system /etc/static
find /etc -xdev -lname '/etc/static/*' -delete"""

TODAY = f"""\
cat > /etc/nixos/configuration.nix <<'END'
{{ config, pkgs, ... }}:
{{
  imports = [ ./hardware-configuration.nix ];

  boot.loader.grub.enable = true;
  boot.loader.grub.device = "/dev/vda";

  networking.hostName = "hypervisor";

  environment.systemPackages = with pkgs; [ ceph-client vim ];

  services.openssh.enable = true;
  services.openssh.settings.PermitRootLogin = "prohibit-password";
  services.openssh.settings.PasswordAuthentication = false;

  services.ceph.enable = true;
  services.ceph.client.enable = true;
  services.ceph.global.fsid = "{FSID}";
  services.ceph.global.monHost = "{MONITORS}";

  virtualisation.libvirtd.enable = true;
  virtualisation.libvirtd.qemu.package = pkgs.qemu_kvm.override {{ cephSupport = true; }};

  system.stateVersion = "25.05";
}}
END
{SUMMARY}"""
AS_MENDED = f"""\
{written("/etc/nixos")}
{MEND}"""

SWITCH_AGAIN = f"""\
nix-build --quiet {NIXOS} -A system
nix-env --profile {SYSTEM} --set ./result
./result/bin/switch-to-configuration
paths() {{ nix-store --query --requisites {SYSTEM}-$1-link | cut -d - -f 2- | sort; }}
diff <(paths 1) <(paths 2)
diff {SYSTEM}-1-link/etc/ssh/sshd_config /etc/ssh/sshd_config"""
SWITCH_BACK = f"""\
nix-env --profile {SYSTEM} --switch-generation 1
{SYSTEM}/bin/switch-to-configuration
nix-env --profile {SYSTEM} --delete-generations 2"""

FLIP = """\
cd /nix/var/nix/profiles
touch /run/flipping
while [ -e /run/flipping ]; do
  md5sum < /etc/ssh/sshd_config
done > /tmp/seen 2>&1 &
for turn in 1 2 3 4 5 6 7 8 9 10; do
  system-1-link/bin/switch-to-configuration
  system-2-link/bin/switch-to-configuration
done
rm /run/flipping
wait
echo $(wc -l < /tmp/seen) reads, $(sort -u /tmp/seen | wc -l) different contents"""

ROLL_BACK = f"""\
nix-env --profile {SYSTEM} --switch-generation 1
{SYSTEM}/bin/switch-to-configuration"""
ROLL_FORWARD = f"""\
nix-env --profile {SYSTEM} --switch-generation 2
{SYSTEM}/bin/switch-to-configuration"""

# -- from an ISO ---------------------------------------------------------------------------------

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
