# A cluster on one node, with one daemon of each kind and one copy of everything: what scripts of the
# kind of micro-osd make. benchmarks/ceph.py runs each part on its node.

# on alpha
cat > /etc/ceph/ceph.conf <<END
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
mon_host = [2001:db8::100]
ms_bind_ipv6 = true
ms_bind_ipv4 = false
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
osd_crush_chooseleaf_type = 0
osd_pool_default_size = 1
osd_pool_default_min_size = 1
mon_allow_pool_size_one = true
mon_warn_on_pool_no_redundancy = false
mon_data_avail_warn = 1
auth_allow_insecure_global_id_reclaim = false
[osd]
bluestore_block_size = 10737418240
osd_class_dir = /usr/lib/x86_64-linux-gnu/rados-classes
err_to_stderr = false
END
ceph-mon -i alpha --mkfs --keyring /dev/null
ceph-mon -i alpha
mkdir -p /var/lib/ceph/mgr/ceph-alpha /var/lib/ceph/osd/ceph-0
ceph-mgr -i alpha
ceph osd create
truncate -s 10G /var/lib/ceph/osd/ceph-0/block
ceph-osd -i 0 --mkfs
ceph-osd -i 0
ceph osd pool create lab 32
ceph osd pool application enable lab lessons
until [ "$(ceph health)" = HEALTH_OK ] && ceph -s | grep -q '1 osds: 1 up' &&
  ! ceph pg stat | grep -qE 'unknown|creating|peering|activating'; do sleep 0.2; done
seq 1000 > numbers
rados -p lab put numbers numbers
rados -p lab get numbers - | cmp - numbers
