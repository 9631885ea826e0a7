# The SSH server.
{ config, lib, pkgs, ... }:
let
  cfg = config.services.openssh;
  yes = value: if value then "yes" else "no";
  lines = texts: builtins.concatStringsSep "\n" texts + "\n";
in
{
  config = lib.mkIf cfg.enable {
    environment.etc."ssh/sshd_config".text = lines (map (port: "Port ${toString port}") cfg.ports ++ [
      "PermitRootLogin ${cfg.settings.PermitRootLogin}"
      "PasswordAuthentication ${yes cfg.settings.PasswordAuthentication}"
      "HostKey /etc/ssh/ssh_host_ed25519_key"
    ]);
    environment.systemPackages = [ pkgs.openssh ];
    networking.firewall.allowedTCPPorts = cfg.ports;
    systemd.services.sshd.command = "${pkgs.openssh}/bin/sshd -D";
  };
}
