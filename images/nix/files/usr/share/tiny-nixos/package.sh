# Builds a stand-in for a package: see packages.nix.
PATH=/usr/bin:/bin
mkdir -p "$out/bin"
for program in $programs; do
    printf '#!/bin/sh\necho "%s %s%s"\n' "$program" "$version" "${more:+, $more}" >"$out/bin/$program"
    chmod +x "$out/bin/$program"
done
