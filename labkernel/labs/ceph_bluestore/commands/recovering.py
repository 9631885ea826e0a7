"""Commands: an OSD that is killed and started, and the cluster's log."""

KILL = "pkill -9 -x ceph-osd"
REVIVE = "ceph-osd -i 2"


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
