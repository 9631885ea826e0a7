# A tiny NixOS: the configuration of a machine goes in, the machine's system comes out.
#
#   nix-instantiate /usr/share/tiny-nixos -A system     evaluate it, and say what is wrong
#   nix-build /usr/share/tiny-nixos -A system           build it
{ configuration ? /etc/nixos/configuration.nix }:
let
  modules = import ./modules.nix;
  pkgs = import ./packages.nix;
  services = map (name: ./services + "/${name}") (builtins.attrNames (builtins.readDir ./services));
  evaluated = modules.evaluate {
    inherit pkgs;
    modules = [ ./options.nix ] ++ services ++ [ configuration ];
  };
  list = builtins.concatStringsSep "\n" (map (text: "- ${text}") evaluated.problems);
  warn = texts: value:
    if texts == [ ] then value
    else builtins.trace "warning: ${builtins.head texts}" (warn (builtins.tail texts) value);
  checked = value: warn evaluated.warnings (
    if evaluated.problems == [ ] then value else throw "the configuration can't be used:\n${list}");
  config = checked evaluated.config;
in
{
  inherit (evaluated) problems warnings;
  inherit config;
  system = import ./system.nix { inherit config pkgs; };
  summary = {
    host = config.networking.hostName;
    kernel = config.boot.kernelPackages.name;
    packages = map (package: package.name) config.environment.systemPackages;
    services = builtins.attrNames config.systemd.services;
    files = builtins.attrNames config.environment.etc;
    ports = config.networking.firewall.allowedTCPPorts;
  };
}
