"""The program that tries what the client's key allows, in the file system and beside it."""

#: arguments: a new name for a directory below the root, the pools of data and of metadata; prints
#: what went wrong with each try, as JSON: an empty text where it was allowed
PROBE = b"""
import json, sys
import cephfs, rados

name, data, metadata = sys.argv[1:]
conf = dict(conffile="/etc/ceph/ceph.conf")
place, file = f"/{name}", f"/{name}/file"
fs = cephfs.LibCephFS(auth_id="lab", **conf)
fs.conf_set("client_mount_timeout", "10")


def write():
    opened = fs.open(file, "w", 0o644)
    try:
        fs.write(opened, name.encode(), 0)
        fs.fsync(opened, 0)
    finally:
        fs.close(opened)


def read():
    opened = fs.open(file, "r", 0)
    try:
        assert fs.read(opened, 0, 100) == name.encode(), "other octets than were written"
    finally:
        fs.close(opened)


def snapshot():
    fs.mkdir(f"{place}/.snap/probe", 0o755)
    fs.rmdir(f"{place}/.snap/probe")


def put(into):
    with rados.Rados(name="client.lab", conf={"rados_osd_op_timeout": "5"}, **conf) as cluster:
        with cluster.open_ioctx(into) as pool:
            pool.write_full(name, b"probe")
            pool.remove_object(name)


def monitor():
    with rados.Rados(name="client.lab", **conf) as cluster:
        words = json.dumps({"prefix": "osd set", "key": "nosnaptrim"})
        code, _, error = cluster.mon_command(words, b"")
        if code:
            raise PermissionError(error)
        cluster.mon_command(words.replace("osd set", "osd unset"), b"")


said = {}
for what, act in {
    "mount": fs.mount,
    "data": lambda: put(data),
    "mkdir": lambda: fs.mkdir(place, 0o755),
    "write": write,
    "read": read,
    "quota": lambda: fs.setxattr(place, "ceph.quota.max_files", b"10", 0),
    "snapshot": snapshot,
    "unlink": lambda: fs.unlink(file),
    "rmdir": lambda: fs.rmdir(place),
    "pool": lambda: put(metadata),
    "monitor": monitor,
}.items():
    try:
        act()
        said[what] = ""
    except Exception as error:
        said[what] = str(error) or type(error).__name__
        if what in ("mount", "data"):
            break  # what follows would wait for ever
print(json.dumps(said))
"""
