# libvirt's daemon, and the QEMU that it starts.
{ config, lib, pkgs, ... }:
let
  cfg = config.virtualisation.libvirtd;
in
{
  config = lib.mkIf cfg.enable {
    environment.etc."libvirt/qemu.conf".text =
      if cfg.qemu.runAsRoot then "user = \"root\"\n" else "user = \"qemu-libvirtd\"\n";
    environment.systemPackages = [ pkgs.libvirt cfg.qemu.package ];
    systemd.services.libvirtd.command = "${pkgs.libvirt}/bin/libvirtd";
  };
}
