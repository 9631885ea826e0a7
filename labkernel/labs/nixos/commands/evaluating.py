"""Commands: the configuration, parsed, evaluated and corrected."""

from labkernel.labs.nixos.commands.disk import CONFIGURATION

NIXOS = "/usr/share/tiny-nixos"

_MENDED = (
    CONFIGURATION.replace("  boot.loader.grub.version = 2;\n", "")
    .replace("linuxPackages_4_1", "linuxPackages")
    .replace("openssh.permitRootLogin", "openssh.settings.PermitRootLogin")
)

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
