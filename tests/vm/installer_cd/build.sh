# Makes kernel and initrd of a CD that answers as NixOS's does: run on a node of the image `disks`,
# in a directory with the programs that stand beside this file.
set -euo pipefail
root=/tmp/cd
programs=(bash sh cat ls mkdir ln cp mv rm dd sync sleep mount umount insmod stty setsid cut sed grep
    parted mkfs.xfs findmnt blkid switch_root hostname touch env chmod)
mkdir -p $root/{bin,cd,dev,proc,sys,run,mnt,tmp,etc,root,modules,standin}
for program in "${programs[@]}"; do
    path=$(command -v "$program")
    cp -L "$path" $root/bin/
    ldd "$path" | grep -o '/[^ ]*' | while read -r library; do
        mkdir -p "$root$(dirname "$library")"
        cp -nL "$library" "$root$library"
    done
done
kernel=$(ls /lib/modules)
for module in virtio_blk xfs ahci sr_mod isofs; do
    modprobe --set-version="$kernel" --show-depends "$module" | grep -o '/[^ ]*'
done | while read -r module; do
    name=$(basename "${module%.xz}")
    ls $root/modules | grep -q "^..-$name$" && continue
    place=$(printf %02d "$(ls $root/modules | wc -l)")
    python3 -c 'import lzma, sys; sys.stdout.buffer.write(lzma.open(sys.argv[1]).read())' "$module" \
        >"$root/modules/$place-$name"
done
cp nixos-* sudo udevadm systemctl reboot $root/standin/
cp init installed $root/
chmod +x $root/init $root/installed $root/standin/*
(cd $root && find . | cpio --quiet -o -H newc) | gzip -1 >/tmp/initrd
cp -L /boot/vmlinuz /tmp/kernel
