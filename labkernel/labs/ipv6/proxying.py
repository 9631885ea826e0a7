"""A repository that has IPv4 alone, for a LAN that has none."""

from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import eventually, looks_at
from labkernel.labs._commands import stop, stop_all
from labkernel.labs.ipv6.topology import IPV4_ONLY, ON_LAN, ROUTER, lab

if TYPE_CHECKING:
    from labkernel import Attempt

_URL = f"http://{IPV4_ONLY}/Release"
_STOP_NGINX, _STOP_TINYPROXY = stop("/run/repository.pid"), stop_all("/usr/bin/tinyproxy")
_EXPECTED = Expected("client", f"{_URL} by the proxy at [{ROUTER}]:8888")


@looks_at(sends=True)
def _serves(attempt: "Attempt") -> str:
    got = attempt.run("router", ["curl", "-sS", "-m", "2", _URL]).output.strip()
    if got != "Suite: trixie":
        hint = (
            "Does nginx run on internet? `nginx -t -c FILE` says what it does not like in a file."
        )
        raise CheckFailed(Expected("router", f"the file at {_URL}"), f"got {got!r}", hint)
    return "router gets the file by IPv4"


@looks_at(sends=True)
def _proxied(attempt: "Attempt") -> str:
    listing = attempt.run("router", ["ss", "-Hltn", "sport = :8888"]).output
    places = [line.split()[3] for line in listing.splitlines() if line.strip()]
    if not places:
        raise CheckFailed(_EXPECTED, "nothing listens on port 8888 of router", "tinyproxy -c …")
    if not {f"[{ROUTER}]:8888", "[::]:8888", "*:8888"} & set(places):
        seen = f"the proxy listens on {', '.join(places)}"
        raise CheckFailed(_EXPECTED, seen, f"The client can reach {ROUTER}: `Listen {ROUTER}`.")
    words = ["curl", "-s", "-m", "3", "-w", "%{http_code}", "-x", f"http://[{ROUTER}]:8888", _URL]
    *lines, code = attempt.run("client", words).output.strip().splitlines()
    if code == "200" and lines == ["Suite: trixie"]:
        return "client, which has no IPv4 address, gets the file of a server that has IPv4 alone"
    hints = {"403": f"Who may use it? `Allow {ON_LAN}`.", "000": "See /var/log/tinyproxy.log."}
    raise CheckFailed(_EXPECTED, f"the proxy's answer is {code}", hints.get(code, ""))


repository = lab.step(
    "repository",
    "Start a repository that has IPv4 alone",
    on="internet",
    run=f"""\
mkdir -p /srv/repository
echo 'Suite: trixie' > /srv/repository/Release
cat > /etc/nginx/repository.conf <<END
pid /run/repository.pid;
error_log /dev/null;
events {{}}
http {{
  access_log off;
  server {{ listen {IPV4_ONLY}:80; root /srv/repository; }}
}}
END
{_STOP_NGINX}
nginx -c /etc/nginx/repository.conf""",
    check=eventually(_serves, within=2),
    undo=_STOP_NGINX,
)

proxy = lab.task(
    "proxy",
    "Let the client have it all the same",
    on="router",
    about=f"The client has no IPv4 address, the router has one. Start tinyproxy on [{ROUTER}]:8888 "
    f"for the LAN, so that `curl -x http://[{ROUTER}]:8888 {_URL}` works on the client.",
    solution=f"""\
cat > /etc/tinyproxy.conf <<END
Port 8888
Listen {ROUTER}
Allow {ON_LAN}
Timeout 10
MaxClients 10
PidFile "/run/tinyproxy.pid"
LogFile "/var/log/tinyproxy.log"
END
{_STOP_TINYPROXY}
tinyproxy -c /etc/tinyproxy.conf""",
    check=eventually(_proxied, within=2),
    undo=_STOP_TINYPROXY,
    hint=[
        "A forward proxy fetches for others, by the protocol that it has: `man tinyproxy.conf`.",
        f"/etc/tinyproxy.conf: Port 8888, Listen {ROUTER}, Allow {ON_LAN}, Timeout, MaxClients.",
        'PidFile "/run/tinyproxy.pid"; then `tinyproxy -c /etc/tinyproxy.conf`.',
    ],
)
