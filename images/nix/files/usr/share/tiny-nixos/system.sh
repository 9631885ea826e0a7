# Builds a system: see system.nix.
PATH=/usr/bin:/bin
set -e
mkdir -p "$out/etc/systemd" "$out/sw/bin" "$out/bin"
echo "$files" | while read -r name source; do
    mkdir -p "$(dirname "$out/etc/$name")"
    ln -s "$source" "$out/etc/$name"
done
for package in $packages; do
    ln -sf "$package"/bin/* "$out/sw/bin/"
done
echo "$units" | while read -r name command; do
    [ -z "$name" ] || printf '[Service]\nExecStart=%s\n' "$command" >"$out/etc/systemd/$name.service"
done
cp "$switch" "$out/bin/switch-to-configuration"
chmod +x "$out/bin/switch-to-configuration"
