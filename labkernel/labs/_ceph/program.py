"""The program that creates a new cluster's pools and waits for its health, by one connection.

It runs on a node, by python3-rados: each `ceph` command would start Python anew, and ask the
cluster first which commands there are.
"""

#: in: JSON with `monitors` and `osds` (how many), `pools` (name, PGs, application), and `within`
#: (seconds); out: a line of JSON for each thing that has come to be, the last with `done` or with
#: `failed`
PROGRAM = r"""
import json, sys, time

given = json.loads(sys.argv[1])
end = time.monotonic() + given["within"]


def tell(**what):
    print(json.dumps(what), flush=True)


def ask(cluster, prefix, **more):
    words = json.dumps({"prefix": prefix, "format": "json", **more})
    code, out, error = cluster.mon_command(words, b"")
    if code:
        tell(failed=f"`ceph {prefix}` answers: {error}")
        sys.exit(1)
    return json.loads(out or b"null")


def wait(cluster, what, when):
    while not when(found := ask(cluster, "status")):
        if time.monotonic() > end:
            checks = found["health"]["checks"].items()
            said = "; ".join(f"{code}: {each['summary']['message']}" for code, each in checks)
            tell(failed=f"not in time: {what}. {said or found['health']['status']}")
            sys.exit(1)
        time.sleep(0.02)
    tell(moment=what)


def clean(found):
    states = found["pgmap"].get("pgs_by_state", ())
    number = sum(each["count"] for each in states if each["state_name"] == "active+clean")
    wanted = sum(pgs for _, pgs, _ in given["pools"])
    return number == wanted == found["pgmap"]["num_pgs"]


try:
    import rados

    settings = {"client_mount_timeout": str(given["within"]), "rados_mon_op_timeout": "20"}
    cluster = rados.Rados(conffile="/etc/ceph/ceph.conf", name="client.admin", conf=settings)
    cluster.connect()
except (ImportError, rados.Error) as error:
    tell(failed=f"no monitor answers ({error})")
    sys.exit(1)
tell(moment="a majority of the monitors")
for name, pgs, application in given["pools"]:
    ask(cluster, "osd pool create", pool=name, pg_num=pgs)
    ask(cluster, "osd pool application enable", pool=name, app=application)
wait(cluster, "every monitor", lambda found: len(found["quorum"]) == given["monitors"])
if given["osds"]:
    wait(cluster, "every OSD", lambda found: found["osdmap"]["num_up_osds"] == given["osds"])
    wait(cluster, "the manager", lambda found: found["mgrmap"]["available"])
    wait(cluster, "every placement group", clean)
    wait(cluster, "HEALTH_OK", lambda found: found["health"]["status"] == "HEALTH_OK")
tell(done=True)
"""
