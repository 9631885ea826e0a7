"""Commands and files for the drill."""

GATEWAY = "gw=$(ip -6 route show default | sed -n 's/.*via \\([^ ]*\\).*/\\1/p')"
UNBOUND = "unbound -c /etc/unbound/lab.conf"
