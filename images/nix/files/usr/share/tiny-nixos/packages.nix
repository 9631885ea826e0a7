# The packages.  Each is a stand-in, built here in no time and without a network: for each program
# a script that tells its name and its version.  How they are built, named and kept is Nix's own.
let
  package = { name, version, programs, more ? "" }: derivation {
    name = "${name}-${version}";
    system = builtins.currentSystem;
    builder = "/bin/sh";
    args = [ ./package.sh ];
    inherit version programs more;
  };
  overridable = make: defaults: make defaults // {
    override = changes: overridable make (defaults // changes);
  };
  simple = name: version: programs: package { inherit name version programs; };
  linux = version: simple "linux" version "kernel";
  qemu = overridable ({ cephSupport }: package {
    name = "qemu";
    version = "10.0.2";
    programs = "qemu-system-x86_64 qemu-img";
    more = if cephSupport then "block drivers: file rbd" else "block drivers: file";
  });
in
rec {
  ceph = simple "ceph" "19.2.2" "ceph rados rbd";
  ceph-client = simple "ceph-client" "19.2.2" "ceph rados rbd";
  libvirt = simple "libvirt" "11.3.0" "libvirtd virsh";
  linuxPackages = linuxPackages_6_12;
  linuxPackages_6_6 = linux "6.6.94";
  linuxPackages_6_12 = linux "6.12.34";
  linuxPackages_latest = linux "6.15.3";
  openssh = simple "openssh" "10.0p2" "ssh sshd";
  qemu_full = qemu { cephSupport = true; };
  qemu_kvm = qemu { cephSupport = false; };
  vim = simple "vim" "9.1.1475" "vim";
}
