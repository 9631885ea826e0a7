"""Commands: ratios at which OSDs count as full."""

from labkernel.labs._ceph.configuration import wait_for

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
