"""Commands: a tree of directories, and a program that descends it."""

DEPTH, FAN = 4, 6
DIRECTORIES = sum(FAN**level for level in range(1, DEPTH + 1))
GROW = f"make-tree directories /srv {DEPTH} {FAN}"

HOTTEST = """\
cat > /root/hottest <<'END'
#!/bin/bash
# from a directory down, each time into the one below which something has changed last
cd "$1"
shopt -s nullglob
while below=(*/) && [ ${#below[@]} -gt 0 ]; do
  newest=$(for each in "${below[@]}"; do
    echo "$(getfattr --only-values -n ceph.dir.rctime "$each" 2>/dev/null) $each"
  done | sort -n | tail -n 1)
  cd "${newest#* }"
done
pwd
END
chmod +x /root/hottest
/root/hottest /mnt/cephfs/srv"""

PROGRAM = "/root/hottest"
