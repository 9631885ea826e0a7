"""The commands of the steps."""

from labkernel.labs._ceph import disk
from labkernel.labs._ceph.configuration import ALPHA, stop
from labkernel.labs._commands import stop as stop_by

KEYRINGS = """\
cd /etc/ceph
ceph-authtool --create-keyring ceph.client.admin.keyring --gen-key -n client.admin \\
  --cap mon 'allow *' --cap mgr 'allow *' --cap osd 'allow *'
ceph-authtool --create-keyring mon.keyring --gen-key -n mon. --cap mon 'allow *'
ceph-authtool mon.keyring --import-keyring ceph.client.admin.keyring"""


def monitor(name: str) -> str:
    """Make a monitor's store and start it; in place of what is there of it."""
    return (
        f"{no_monitor(name)}\n"
        f"ceph-mon -i {name} --mkfs --monmap /etc/ceph/monmap --keyring /etc/ceph/mon.keyring\n"
        f"ceph-mon -i {name}"
    )


def no_monitor(name: str) -> str:
    """End a monitor, and remove its store."""
    return f"{stop('ceph-mon')}\nrm -rf /var/lib/ceph/mon/ceph-{name}"


SHARE = f"""\
{stop_by("/run/share.pid")}
mkdir -p /srv/cluster
tar -cf /srv/cluster/etc.tar -C /etc ceph
python3 -m http.server --bind {ALPHA} --directory /srv/cluster 80 > /run/share.log 2>&1 &
echo $! > /run/share.pid"""
UNSHARE = f"{stop_by('/run/share.pid')}\nrm -r /run/share.pid /srv/cluster"

FETCH = f"curl -s http://[{ALPHA}]/etc.tar | tar -xC /etc"
FORGET = "rm -f /etc/ceph/*"

ENTER = f"""\
{FORGET}
{FETCH} ceph/ceph.conf ceph/ceph.client.admin.keyring
ceph mon stat"""

MANAGER = """\
mkdir -p /var/lib/ceph/mgr/ceph-alpha
ceph auth get-or-create mgr.alpha mon 'allow profile mgr' osd 'allow *' mds 'allow *' \\
  -o /var/lib/ceph/mgr/ceph-alpha/keyring
ceph-mgr -i alpha"""
NO_MANAGER = f"{stop('ceph-mgr')}\nceph mgr fail alpha\nrm -rf /var/lib/ceph/mgr/ceph-alpha"


def osd(number: int) -> str:
    """Register an OSD, make its BlueStore on the node's disk or in a file, and start it."""
    return f"""\
forget-osd {number}
uuid=$(cat /proc/sys/kernel/random/uuid)
key=$(ceph-authtool --gen-print-key)
echo "{{ \\"cephx_secret\\": \\"$key\\" }}" | ceph osd new $uuid {number} -i -
cd /var/lib/ceph/osd && mkdir ceph-{number} && cd ceph-{number}
ceph-authtool --create-keyring keyring -n osd.{number} --add-key $key > /dev/null
{disk.BLOCK}
ceph-osd -i {number} --mkfs --osd-uuid $uuid
ceph-osd -i {number}"""


def no_osd(number: int) -> str:
    """End an OSD, and have nothing left of it."""
    return f"forget-osd {number}"


POOL = """\
ceph osd pool create lab 32
ceph osd pool set lab pg_num 32
ceph osd pool set lab size 3
ceph osd pool application enable lab lessons"""
NO_POOL = "ceph osd pool rm lab lab --yes-i-really-really-mean-it"

WRITE = """\
seq 100000 > numbers
rados -p lab put numbers numbers
rados -p lab get numbers - | cmp - numbers && echo the same
ceph osd map lab numbers"""

BLOCK = "/var/lib/ceph/osd/ceph-2/block"

# all of a line: 50000 is in 150000, too
DAMAGE = f"overwrite {BLOCK} $'\\n50000\\n' $'\\nrotts\\n'"
MEND = f"overwrite {BLOCK} $'\\nrotts\\n' $'\\n50000\\n'"

_FIND_GROUP = "pg=$(ceph osd map lab numbers -f json | jq -r .pgid)"

SCRUB = f"""\
{_FIND_GROUP}
ceph pg deep-scrub $pg
found() {{ rados list-inconsistent-obj $pg 2>/dev/null; }}
until found | jq -e '.inconsistents[0]' > /dev/null; do sleep 0.2; done
found | jq -c '.inconsistents[] | .object.name, (.shards[] | [.osd, .errors])'"""

REPAIR = f"""\
{_FIND_GROUP}
ceph pg repair $pg
until [ "$(ceph health)" = HEALTH_OK ]; do sleep 0.2; done"""

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

KILL = "pkill -9 -x ceph-osd"
REVIVE = "ceph-osd -i 2"


def wait_for(command: str, pattern: str) -> str:
    """Repeat a command until it prints what matches."""
    return f"until {command} | grep -q '{pattern}'; do sleep 0.2; done"


MORE = """\
seq 200000 > more
rados -p lab put more more
rados -p lab get more - | cmp - more && echo the same
rados -p lab bench 5 write -b 256K --max-objects 100 --no-cleanup > /dev/null"""
NO_MORE = "rados -p lab rm more\nrados -p lab cleanup > /dev/null"

EVENTS = """\
events() {
  ceph log last 1000 info cluster |
    grep -E 'osd.2 (failed|.*boot)|Cluster is now healthy' | tail -n 3
}
until events | tail -n 1 | grep -q healthy; do sleep 0.2; done
events"""

PROFILE = """\
ceph daemon osd.0 config show | jq -r 'to_entries[] | "\\(.key) = \\(.value)"' |
  grep -E '^osd_(op_queue|mclock_(profile|max_cap.*hdd|sched.*(client|recovery)_(res|wgt|lim))) '"""
PREFER = "ceph config set osd osd_mclock_profile high_recovery_ops"
NO_PREFERENCE = "ceph config rm osd osd_mclock_profile"

LOSE_TWO = f"""\
{stop("ceph-mon")}
until timeout 5 ceph health > /dev/null 2>&1; [ $? = 124 ]; do sleep 0.2; done
echo no answer"""


def back(name: str, *others: str) -> str:
    """Start a monitor, and wait until it is in the quorum."""
    members = ",".join(sorted((name, *others)))
    return f"ceph-mon -i {name}\n" + wait_for("timeout 20 ceph mon stat", f"quorum .* {members}$")


GROW = f"""\
{FETCH} ceph/ceph.conf ceph/ceph.client.admin.keyring
{osd(3)}"""
SHRINK = f"{no_osd(3)}\nceph osd crush rm delta\n{wait_for('ceph health', '^HEALTH_OK')}\n{FORGET}"

COMPRESS = """\
for what in text zeros random; do
  for how in none snappy zstd; do
    echo osd pool create $what-$how 1
    echo osd pool application enable $what-$how lessons
    [ $how = none ] && continue
    echo osd pool set $what-$how compression_mode force
    echo osd pool set $what-$how compression_algorithm $how
  done
done | ceph > /dev/null 2>&1
seq 500000 > text
head -c 4M /dev/zero > zeros
head -c 4M /dev/urandom > random
for what in text zeros random; do
  for how in none snappy zstd; do rados -p $what-$how put object $what; done
done
df='ceph df detail -f json'
all=$((3 * $(cat text zeros random | wc -c)))
until $df | jq -e "[.pools[1:][].stats.stored] | add == $all" > /dev/null; do sleep 0.5; done
$df | jq -r '.pools[1:][] | [.name, .stats.stored, .stats.bytes_used,
  .stats.compress_bytes_used, .stats.compress_under_bytes] | map(tostring) | join(" ")'"""

NO_COMPRESSION = """\
for pool in {text,zeros,random}-{none,snappy,zstd}; do
  echo osd pool rm $pool $pool --yes-i-really-really-mean-it
done | ceph > /dev/null 2>&1"""

# each OSD takes the setting from the map, which reaches one before the other
BLOBS = """\
ceph osd pool set text-zstd compression_min_blob_size 65536
epoch=$(ceph osd dump -f json | jq .epoch)
for osd in {0..3}; do
  until [ $(ceph tell osd.$osd status | jq -r .newest_map) -ge $epoch ]; do sleep 0.1; done
done
rados -p text-zstd put object text"""
NO_BLOBS = """\
ceph osd pool set text-zstd compression_min_blob_size 0
rados -p text-zstd put object text"""

# each file takes 0.6 % of 10 GiB, at the least: there is no need to write 30 GB
FILL = """\
ceph osd set-nearfull-ratio 0.001
ceph osd set-backfillfull-ratio 0.002
ceph osd set-full-ratio 0.003
until ceph health | grep -o '4 full osd(s)'; do sleep 0.2; done
timeout 3 rados -p lab put late text
[ $? = 124 ] && echo no answer"""
RATIOS = """\
ceph osd set-full-ratio 0.95
ceph osd set-backfillfull-ratio 0.90
ceph osd set-nearfull-ratio 0.85"""
EMPTY = f"{RATIOS}\n{wait_for('ceph health', '^HEALTH_OK')}"
