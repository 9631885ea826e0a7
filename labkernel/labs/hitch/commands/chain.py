"""Commands: the web server, the cache, the PROXY protocol."""

from labkernel.labs._commands import stop
from labkernel.labs.hitch.commands.certificates import site
from labkernel.labs.hitch.commands.files import CA, CONF
from labkernel.labs.hitch.commands.serving import RESTART
from labkernel.labs.hitch.topology import ADDRESSES

WEB = """\
cat > /etc/nginx/sites-enabled/default <<'END'
server {
  listen [::]:80;
  location /page { return 200 "A page.\\n"; }
  location /me { add_header Cache-Control no-store; return 200 "You are $http_x_forwarded_for\\n"; }
}
END
nginx"""
NO_WEB = stop("/run/nginx.pid")

VARNISH_PIDFILE = "/run/varnish.pid"
STOP_VARNISH = stop(VARNISH_PIDFILE)


def varnish(at: str) -> str:
    """Start the cache, listening there."""
    return (
        f"varnishd -a '{at}' -b '[2001:db8:2::2]:80' -j none -s malloc,64m \\\n"
        f"  -n /run/varnish -P {VARNISH_PIDFILE}"
    )


def fetch(path: str, more: str = "") -> str:
    """The command that gets a page of the first site over TLS, by way of trixie."""
    name = site(1)
    return (
        f"curl -s {more}--cacert {CA} --resolve {name}:443:[{ADDRESSES['trixie']}] "
        f"https://{name}{path}"
    )


KEEP = f"""\
sed -i '/^write-/d' {CONF}
echo 'write-proxy-v2 = on' >> {CONF}
{STOP_VARNISH}
{varnish("[::1]:8080,PROXY")}
{RESTART}"""
DO_NOT_KEEP = f"""\
sed -i '/^write-/d' {CONF}
{STOP_VARNISH}
{varnish("[::1]:8080")}
{RESTART}"""

HIT = f"""\
page() {{ {fetch("/page", "-D - -o /dev/null ")} | tr -d '\\r'; }}
page | grep ^X-Varnish
page | grep -E '^(X-Varnish|Age)'"""
