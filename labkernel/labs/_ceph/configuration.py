"""The contents of a cluster's files, and the commands that write them."""

FSID = "5d0c4b1e-2f6a-4a0e-9c39-0b7d1f8e6a27"
MONITORS = {"alpha": "2001:db8::100", "bravo": "2001:db8::101", "charlie": "2001:db8::102"}
ALPHA = MONITORS["alpha"]
DELTA = "2001:db8::103"

GIVEN = "/usr/share/ceph/tiny.conf"

#: given to the trainee: what makes a tiny cluster quick
TINY = f"""\
cat > {GIVEN} <<'END'

# For a cluster that is tiny and must react within a second. Not for one with data in it:
# on a busy network such short times would have daemons declared dead that are only slow.

# monitors: elections, proposals, and when to look for another one
mon_election_timeout = 0.15
mon_probe_timeout = 0.5
mon_tick_interval = 1
mon_lease = 2
paxos_propose_interval = 0.02
paxos_min_wait = 0.005
mon_client_hunt_interval = 0.2
ms_initial_backoff = 0.02
mon_data_avail_warn = 1
mon_osd_min_down_reporters = 1
auth_allow_insecure_global_id_reclaim = false
mon_allow_pool_delete = true

# a daemon that can't start says why before it ends
log_flush_on_exit = true

# the manager: fresh figures each second, no pool of its own
mgr_tick_period = 1
mgr_stats_period = 1
mgr_initial_modules = iostat
mgr_pool = false

# OSDs: 10 GiB each where they are in files, little memory, recovery at full speed
osd_heartbeat_interval = 1
osd_heartbeat_grace = 4
osd_mclock_skip_benchmark = true
osd_op_num_shards = 1
osd_memory_target = 939524096
osd_max_backfills = 10
osd_recovery_sleep = 0
osd_pool_default_pg_autoscale_mode = off
bluestore_block_size = 10737418240
bluestore_cache_autotune = false
bluestore_cache_size = 67108864
bluestore_fsck_on_mkfs = false
bdev_aio_poll_ms = 10

[osd]
# that a file is no disk, an OSD reports a dozen times: what it says is in /var/log/ceph alone
err_to_stderr = false
END"""

CONF = f"""\
cat > /etc/ceph/ceph.conf <<END
[global]
fsid = {FSID}
mon_initial_members = {", ".join(MONITORS)}
mon_host = {", ".join(f"[{address}]" for address in MONITORS.values())}
END
cat {GIVEN} >> /etc/ceph/ceph.conf"""

LISTEN = """\
sed -i '/^ms_bind_/d' /etc/ceph/ceph.conf
sed -i '/^fsid/i ms_bind_ipv6 = true\\nms_bind_ipv4 = false' /etc/ceph/ceph.conf"""
DEAF = "sed -i '/^ms_bind_/d' /etc/ceph/ceph.conf"

MONMAP = (
    f"monmaptool --create --clobber --fsid {FSID} \\\n"
    + "".join(
        f"  --addv {name} [v2:[{address}]:3300,v1:[{address}]:6789] \\\n"
        for name, address in MONITORS.items()
    )
    + "  /etc/ceph/monmap"
)

ADMIN_KEYRING = "/etc/ceph/ceph.client.admin.keyring"


def stop(*programs: str) -> str:
    """The command that ends daemons of a node and waits for their end."""
    return "\n".join(
        f"start-stop-daemon --stop --quiet --oknodo --retry 20 --name {program}"
        for program in programs
    )


def wait_for(command: str, pattern: str) -> str:
    """Repeat a command until it prints what matches."""
    return f"until {command} | grep -q '{pattern}'; do sleep 0.2; done"
