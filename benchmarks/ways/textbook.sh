# A cluster by hand, as in Ceph's manual of its installation, with the command line and the settings
# that everybody has. benchmarks/ceph.py runs each part on its node; /tmp/etc.tar is /etc/ceph of alpha.

# on alpha
fsid=$(cat /proc/sys/kernel/random/uuid)
cat > /etc/ceph/ceph.conf <<END
[global]
fsid = $fsid
mon_initial_members = alpha, bravo, charlie
mon_host = [2001:db8::100], [2001:db8::101], [2001:db8::102]
ms_bind_ipv6 = true
ms_bind_ipv4 = false
[osd]
bluestore_block_size = 10737418240
osd_class_dir = /usr/lib/x86_64-linux-gnu/rados-classes
err_to_stderr = false
END
cd /etc/ceph
ceph-authtool --create-keyring mon.keyring --gen-key -n mon. --cap mon 'allow *'
ceph-authtool --create-keyring ceph.client.admin.keyring --gen-key -n client.admin \
  --cap mon 'allow *' --cap mgr 'allow *' --cap osd 'allow *' --cap mds 'allow *'
ceph-authtool mon.keyring --import-keyring ceph.client.admin.keyring
monmaptool --create --fsid $fsid \
  --addv alpha '[v2:[2001:db8::100]:3300,v1:[2001:db8::100]:6789]' \
  --addv bravo '[v2:[2001:db8::101]:3300,v1:[2001:db8::101]:6789]' \
  --addv charlie '[v2:[2001:db8::102]:3300,v1:[2001:db8::102]:6789]' monmap
ceph-mon -i alpha --mkfs --monmap monmap --keyring mon.keyring
ceph-mon -i alpha

# on bravo
tar -xf /tmp/etc.tar -C /
ceph-mon -i bravo --mkfs --monmap /etc/ceph/monmap --keyring /etc/ceph/mon.keyring
ceph-mon -i bravo

# on charlie
tar -xf /tmp/etc.tar -C /
ceph-mon -i charlie --mkfs --monmap /etc/ceph/monmap --keyring /etc/ceph/mon.keyring
ceph-mon -i charlie

# on alpha
ceph -s > /dev/null
ceph config set mon auth_allow_insecure_global_id_reclaim false
ceph config set mon mon_data_avail_warn 1
mkdir -p /var/lib/ceph/mgr/ceph-alpha
ceph auth get-or-create mgr.alpha mon 'allow profile mgr' osd 'allow *' mds 'allow *' \
  -o /var/lib/ceph/mgr/ceph-alpha/keyring
ceph-mgr -i alpha

# on bravo
mkdir -p /var/lib/ceph/mgr/ceph-bravo
ceph auth get-or-create mgr.bravo mon 'allow profile mgr' osd 'allow *' mds 'allow *' \
  -o /var/lib/ceph/mgr/ceph-bravo/keyring
ceph-mgr -i bravo

# on charlie
mkdir -p /var/lib/ceph/mgr/ceph-charlie
ceph auth get-or-create mgr.charlie mon 'allow profile mgr' osd 'allow *' mds 'allow *' \
  -o /var/lib/ceph/mgr/ceph-charlie/keyring
ceph-mgr -i charlie

# on alpha
uuid=$(cat /proc/sys/kernel/random/uuid)
key=$(ceph-authtool --gen-print-key)
id=$(echo "{\"cephx_secret\": \"$key\"}" | ceph osd new $uuid -i -)
mkdir /var/lib/ceph/osd/ceph-$id
ceph-authtool --create-keyring /var/lib/ceph/osd/ceph-$id/keyring -n osd.$id --add-key $key
truncate -s 10G /var/lib/ceph/osd/ceph-$id/block
ceph-osd -i $id --mkfs --osd-uuid $uuid
ceph-osd -i $id

# on bravo
uuid=$(cat /proc/sys/kernel/random/uuid)
key=$(ceph-authtool --gen-print-key)
id=$(echo "{\"cephx_secret\": \"$key\"}" | ceph osd new $uuid -i -)
mkdir /var/lib/ceph/osd/ceph-$id
ceph-authtool --create-keyring /var/lib/ceph/osd/ceph-$id/keyring -n osd.$id --add-key $key
truncate -s 10G /var/lib/ceph/osd/ceph-$id/block
ceph-osd -i $id --mkfs --osd-uuid $uuid
ceph-osd -i $id

# on charlie
uuid=$(cat /proc/sys/kernel/random/uuid)
key=$(ceph-authtool --gen-print-key)
id=$(echo "{\"cephx_secret\": \"$key\"}" | ceph osd new $uuid -i -)
mkdir /var/lib/ceph/osd/ceph-$id
ceph-authtool --create-keyring /var/lib/ceph/osd/ceph-$id/keyring -n osd.$id --add-key $key
truncate -s 10G /var/lib/ceph/osd/ceph-$id/block
ceph-osd -i $id --mkfs --osd-uuid $uuid
ceph-osd -i $id

# on admin
tar -xf /tmp/etc.tar -C /
ceph osd pool create lab 32
ceph osd pool application enable lab lessons
until [ "$(ceph health)" = HEALTH_OK ] && ceph -s | grep -q '3 osds: 3 up' &&
  ! ceph pg stat | grep -qE 'unknown|creating|peering|activating|undersized'; do sleep 0.2; done
seq 1000 > numbers
rados -p lab put numbers numbers
rados -p lab get numbers - | cmp - numbers
