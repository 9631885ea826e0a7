"""Commands: systems that are built, switched to and rolled back."""

from labkernel.labs.nixos.commands.disk import written
from labkernel.labs.nixos.commands.evaluating import MEND, NIXOS, SUMMARY

SYSTEM = "/nix/var/nix/profiles/system"
FSID = "5d0c4b1e-2f6a-4a0e-9c39-0b7d1f8e6a27"
MONITORS = "2001:db8::100, 2001:db8::101, 2001:db8::102"

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
