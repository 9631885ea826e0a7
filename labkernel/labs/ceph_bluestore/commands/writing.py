"""Commands: writes of several sizes between two readings of BlueStore's counters."""

# an object is read from its first OSD: that of the page is osd.0. Of so many clients one prints now
# and then what a monitor asked that it had left already: that goes to no terminal
SMALL = """\
rados() { command rados --err_to_stderr=false "$@"; }
count() {
  ceph daemon osd.0 perf dump > before
  "${@:2}"
  ceph daemon osd.0 perf dump > after
  jq -rn --arg what "$1" --slurpfile a before --slurpfile b after '$what + ": " + (
    ["write_small", "write_big", "issued_deferred_writes", "buffer_hit_bytes", "buffer_miss_bytes"]
    | map("\\(.) \\($b[0].bluestore[.] - $a[0].bluestore[.])") | join(", "))'
}
ten() { for i in {1..10}; do rados -p lab put notes $1 --offset 8192; done; }
head -c 100 /dev/urandom > little
head -c 4K /dev/urandom > block
head -c 1M /dev/urandom > much
rados -p lab put notes much
count '10 times 100 bytes' ten little
count '10 times 4 KiB' ten block
count 'once 1 MiB' rados -p lab put notes much
page=1
until ceph osd map lab page$page | grep -q 'acting (\\[0,'; do page=$((page + 1)); done
head -c 64K much > page
rados -p lab put page$page page
count 'read 64 KiB' rados -p lab get page$page copy
count 'read again' rados -p lab get page$page copy"""
