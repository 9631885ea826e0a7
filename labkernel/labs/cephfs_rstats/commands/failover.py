"""Commands: a metadata server that is killed, and its standby."""

KILL = "pkill -9 -x ceph-mds"


def wait_for_standby(name: str) -> str:
    """Repeat until a metadata server stands by."""
    return f"until {_STANDBYS} | grep -qx {name}; do sleep 0.2; done"


_STANDBYS = "ceph fs dump -f json 2> /dev/null | jq -r '.standbys[].name'"
# a beacon of the one that was killed may be on its way, and brings it back into the map
NO_STANDBY = f"""\
{KILL}
ceph mds fail alpha
while {_STANDBYS} | grep -q .; do ceph mds fail alpha; sleep 0.2; done"""
