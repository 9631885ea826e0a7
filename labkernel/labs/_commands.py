"""Commands that the steps of several labs run."""


def stop(pidfile: str) -> str:
    """The command that ends a daemon and waits for its end; nothing if it does not run."""
    return f"start-stop-daemon --stop --quiet --oknodo --retry 5 --pidfile {pidfile}"


def stop_all(program: str, retry: str = "5") -> str:
    """The command that ends every daemon of a program, and waits; for one without a pid file, or
    that leaves its pid file behind."""
    return f"start-stop-daemon --stop --quiet --oknodo --retry {retry} --exec {program}"


#: it releases what it has been given, takes it away, and ends; without a server it asks for 31 s
STOP_DHCP6C = stop_all("/usr/sbin/dhcp6c", retry="TERM/40")

STOP_KEA = stop("/run/kea/kea-dhcp6.kea-dhcp6.pid")
START_KEA = (
    "KEA_LOCKFILE_DIR=none kea-dhcp6 -c /etc/kea/kea-dhcp6.conf > /run/kea/log 2>&1 < /dev/null &"
)

ROUTE_SCRIPT = "/usr/share/kea/scripts/route"
#: writes a script that Kea runs for each lease (libdhcp_run_script): a route for each prefix
WRITE_ROUTE_SCRIPT = f"""\
cat > {ROUTE_SCRIPT} <<'END'
#!/bin/sh
case $1-$LEASES6_AT0_TYPE in
leases6_committed-IA_PD)
  ip -6 route replace $LEASES6_AT0_ADDRESS/$LEASES6_AT0_PREFIX_LEN \\
    via $QUERY6_REMOTE_ADDR dev $QUERY6_IFACE_NAME proto dhcp ;;
lease6_release-*)
  ip -6 route flush $LEASE6_ADDRESS/$LEASE6_PREFIX_LEN ;;
esac
END
chmod +x {ROUTE_SCRIPT}"""


def renumber_kea(old: str, new: str) -> str:
    """Restart Kea with another pool; what it has delegated from the one before is forgotten."""
    return f"""\
sed -i 's/{old}/{new}/' /etc/kea/kea-dhcp6.conf
ip -6 route flush proto dhcp
{STOP_KEA}
{START_KEA}"""
