# The options that a configuration may have: NixOS has thousands, here are those of a
# hypervisor host, by the names that they have today.
{ lib, pkgs, ... }:
let
  inherit (lib) mkEnableOption mkOption mkRemoved mkRenamed types;
  text = default: mkOption { type = types.str; inherit default; };
  switch = default: mkOption { type = types.bool; inherit default; };
  set = type: mkOption { type = types.attrsOf type; default = { }; };
  list = type: mkOption { type = types.listOf type; default = [ ]; };
  maybe = mkOption { type = types.nullOr types.str; default = null; };
in
{
  options = {
    assertions = list types.anything;

    boot = {
      kernelPackages = mkOption { type = types.package; default = pkgs.linuxPackages; };
      kernelParams = list types.str;
      loader.grub = {
        enable = switch false;
        device = text "";
        version = mkRemoved "Delete it: there is no other GRUB any more.";
      };
    };

    environment = {
      etc = set types.anything;
      systemPackages = list types.package;
    };

    fileSystems = set types.anything;

    networking = {
      hostName = text "nixos";
      firewall = {
        enable = switch true;
        allowedTCPPorts = list types.port;
      };
    };

    services.ceph = {
      enable = mkEnableOption "Ceph's configuration";
      client.enable = mkEnableOption "the part of it that is for clients";
      global.fsid = text "";
      global.monHost = maybe;
      extraConfig = set types.str;
    };

    services.openssh = {
      enable = mkEnableOption "the SSH server";
      ports = mkOption { type = types.listOf types.port; default = [ 22 ]; };
      permitRootLogin = mkRenamed "services.openssh.settings.PermitRootLogin";
      passwordAuthentication = mkRenamed "services.openssh.settings.PasswordAuthentication";
      settings = {
        PermitRootLogin = mkOption {
          type = types.enum [ "yes" "prohibit-password" "forced-commands-only" "no" ];
          default = "prohibit-password";
        };
        PasswordAuthentication = switch true;
      };
    };

    system.stateVersion = text "25.05";
    systemd.services = set types.anything;
    users.users = set types.anything;

    virtualisation.libvirtd = {
      enable = mkEnableOption "libvirt's daemon";
      enableKVM = mkRemoved "Choose a QEMU by virtualisation.libvirtd.qemu.package.";
      qemu.package = mkOption { type = types.package; default = pkgs.qemu_kvm; };
      qemu.runAsRoot = switch true;
    };
  };
}
