# What every machine has: a name, file systems, a kernel, and a way to boot.
{ config, ... }:
let
  inherit (builtins) attrNames concatStringsSep;
  grub = config.boot.loader.grub;
  mounted = where:
    let it = config.fileSystems.${where}; in "${it.device} ${where} ${it.fsType} defaults 0 1";
in
{
  assertions = [
    {
      assertion = config.fileSystems ? "/";
      message = "The option 'fileSystems' has no root file system (\"/\").";
    }
    {
      assertion = grub.enable && grub.device != "";
      message = "GRUB has no device: the option 'boot.loader.grub.device' says where it goes.";
    }
  ];
  environment.etc = {
    fstab.text = concatStringsSep "\n" (map mounted (attrNames config.fileSystems)) + "\n";
    hostname.text = "${config.networking.hostName}\n";
    motd.text = "This is ${config.networking.hostName}, with ${config.boot.kernelPackages.name}.\n";
  };
  environment.systemPackages = [ config.boot.kernelPackages ];
}
