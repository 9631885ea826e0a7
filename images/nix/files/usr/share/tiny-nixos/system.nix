# A system: everything that a machine consists of, as one thing in the store.
{ config, pkgs }:
let
  inherit (builtins) attrNames concatStringsSep toFile;
  etc = config.environment.etc;
  services = config.systemd.services;
  file = name: "${name} ${toFile (builtins.replaceStrings [ "/" ] [ "-" ] name) etc.${name}.text}";
  lines = concatStringsSep "\n";
in
derivation {
  name = "system-${config.networking.hostName}-${config.system.stateVersion}";
  system = builtins.currentSystem;
  builder = "/bin/sh";
  args = [ ./system.sh ];
  files = lines (map file (attrNames etc));
  packages = config.environment.systemPackages;
  units = lines (map (name: "${name} ${services.${name}.command}") (attrNames services));
  switch = ./switch-to-configuration;
}
