"""Commands: packages in the store and in a profile."""

PROFILE = "/nix/var/nix/profiles/per-user/root/profile"

RECIPE = """\
cat > hello.nix <<'END'
let version = "1.0"; in
derivation {
  name = "hello-${version}";
  system = "x86_64-linux";
  builder = "/bin/sh";
  args = [ "-ec" ''
    PATH=/bin
    mkdir -p $out/bin
    printf '#!/bin/sh\\necho hello from ${version}\\n' > $out/bin/hello
    chmod +x $out/bin/hello
  '' ];
}
END
nix-build --no-out-link hello.nix"""

HASHES = """\
(echo '# the same in another file'; cat hello.nix) > /tmp/same.nix
sed 's/hello from/Hello from/' hello.nix > /tmp/other.nix
for file in hello.nix /tmp/same.nix /tmp/other.nix; do
  nix-build --quiet --no-out-link $file
done"""

INSTALL = """\
nix-env --quiet --install --file hello.nix
~/.nix-profile/bin/hello
nix-env --list-generations"""

UPGRADE = """\
sed -i 's/version = ".*"/version = "2.0"/' hello.nix
nix-env --upgrade --file hello.nix"""
DOWNGRADE = """\
sed -i 's/2.0/1.0/' hello.nix
nix-env --quiet --switch-generation 1
nix-env --delete-generations 2"""
GO_BACK = "nix-env --switch-generation 1"

BREAK = """\
sed 's/2.0/3.0/; s/chmod.*/chmod +x nowhere/' hello.nix > broken.nix
nix-env --upgrade --file broken.nix
~/.nix-profile/bin/hello"""

BESIDE = """\
for path in /nix/store/*-hello-?.?; do
  nix-store --check-validity $path && echo $path: $($path/bin/hello)
done"""

COLLECT = """\
nix-store --gc --print-dead 2>/dev/null | grep hello | sort
nix-collect-garbage 2>&1 | tail -n 1"""
LITTER = "nix-build --quiet --no-out-link /tmp/other.nix"

FREE = """\
nix-env --delete-generations 2
nix-collect-garbage 2>&1 | tail -n 1"""
UNFREE = """\
nix-env --quiet --upgrade --file hello.nix
nix-env --rollback"""
