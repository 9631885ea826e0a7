"""Commands: damage, scrub, repair."""

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

# a repair that was asked for without need is still to come, and mends what was damaged before it
DAMAGE_AGAIN = f"""\
{_FIND_GROUP}
export pg
until {DAMAGE}; ceph pg deep-scrub $pg
  timeout 10 bash -c 'until rados list-inconsistent-obj $pg | jq -e ".inconsistents[0]"
    do sleep 0.2; done' > /dev/null 2>&1
do :; done
until ceph health detail | grep -q PG_DAMAGED; do sleep 0.2; done"""

REPAIR = f"""\
{_FIND_GROUP}
ceph pg repair $pg
until [ "$(ceph health)" = HEALTH_OK ]; do sleep 0.2; done"""
