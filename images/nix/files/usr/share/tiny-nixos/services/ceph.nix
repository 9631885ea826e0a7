# Ceph: what a client needs to know of a cluster.
{ config, lib, ... }:
let
  cfg = config.services.ceph;
  inherit (builtins) attrNames concatStringsSep;
  more = map (name: "${name} = ${cfg.extraConfig.${name}}") (attrNames cfg.extraConfig);
  monitors = lib.optional (cfg.global.monHost != null) "mon host = ${cfg.global.monHost}";
in
{
  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = cfg.global.fsid != "";
        message = "Ceph needs the option 'services.ceph.global.fsid', the cluster's UUID.";
      }
    ];
    environment.etc."ceph/ceph.conf".text = concatStringsSep "\n"
      ([ "[global]" "fsid = ${cfg.global.fsid}" ] ++ monitors ++ more) + "\n";
  };
}
