"""Commands: a pool, and an object."""

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
