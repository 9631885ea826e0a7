"""The commands of the steps."""

from labkernel.labs._commands import stop
from labkernel.labs.hitch.certificates import site

#: where every server has the certificates that it was given, and where Hitch looks for them
ALL, CERTS = "/srv/certificates", "/etc/hitch/certs"
#: how many it was given, and how many of these the steps take
GIVEN, TAKEN = 1000, 500

CONF = "/etc/hitch/hitch.conf"
PIDFILE = "/run/hitch.pid"
#: the clock, the process and versions of OpenSSL in each line of Hitch's log
VOLATILE_LOG = r"^(?P<clock>\d{8}T[\d.]+) \[ *(?P<pid>\d+)\]|(?:with|using) (?P<version>\d{8})"
#: of the authority, on the client
CA = "/etc/ssl/lab.pem"

ADDRESSES = {
    "client": "2001:db8:1::1",
    "bullseye": "2001:db8:1::2",
    "bookworm": "2001:db8:1::3",
    "trixie": "2001:db8:1::4",
}

TAKE = f"""\
rm -rf {CERTS}
mkdir {CERTS}
cd {ALL}
ls | sed -n 1,{TAKEN}p | xargs ln -t {CERTS}"""
LOOK = f"openssl x509 -in {CERTS}/{site(TAKEN)}.pem -noout -subject -issuer -ext subjectAltName"
NONE_TAKEN = f"rm -rf {CERTS}"

CONFIGURE = f"""\
cat > {CONF} <<'END'
frontend = "[::]:443"
backend = "[::1]:8080"
pem-dir = "{CERTS}"
user = "_hitch"
group = "_hitch"
workers = 1
END"""
#: it prints a few lines for each certificate: the last one says what it found
TEST = f"hitch --test --config={CONF} 2>&1 | grep . | tail -n 1"

START = f"hitch --config={CONF} --daemon --pidfile={PIDFILE}"
#: by name: the file with its number comes a moment after the prompt, and a second Hitch could have
#: the same port as the first (SO_REUSEPORT)
STOP = "start-stop-daemon --stop --quiet --oknodo --retry 5 --name hitch"
RESTART = f"{STOP}\n{START}"

SERVE = f"{TAKE}\n{CONFIGURE}\n{RESTART}"
NO_SERVER = f"{STOP}\nrm -rf {CERTS} {CONF}"


def ask(node: str, name: str, port: int = 443) -> str:
    """The command that shows whose certificate a handshake with a name (SNI) gives."""
    return (
        f"openssl s_client -connect [{ADDRESSES[node]}]:{port} -servername {name} "
        f"-CAfile {CA} < /dev/null 2>&1 | grep -E '^subject|^Verification'"
    )


#: numbers of the sites that the sample asks for
SAMPLED = (1, 137, 250, 404, 500)
SAMPLE = f"""\
for number in {" ".join(map(str, SAMPLED))}; do
  {ask("bullseye", "$(printf site%06d.example $number)")}
done"""

#: what the three stacks of the peers' step are timed with, and where that is kept
TIMED = (250, 500, 1000)
STARTS = "/root/starts"


def time_starts(*stacks: str) -> str:
    """Time the start of one or more stacks with each of :data:`TIMED`."""
    numbers = " ".join(map(str, TIMED))
    if len(stacks) == 1:
        return f"time-start {stacks[0]} {numbers}"
    return f"for stack in {' '.join(stacks)}; do time-start $stack {numbers}; done | tee {STARTS}"


FIND_SLOWEST = f"""\
awk -F '[,: ]+' '$2 == {TIMED[0]} {{ first[$1] = $4 }}
  $2 == {TIMED[-1]} {{ print $4 - first[$1], $1 }}' {STARTS} |
  sort -n | tail -n 1 | cut -d ' ' -f 2 > /root/slowest"""

# -- the chain ---------------------------------------------------------------------------------

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

# -- trouble -----------------------------------------------------------------------------------

#: the certificate that gets another one's key
VICTIM, OTHER = site(7), site(8)
KEYS = f"""\
mkdir -p /root/keys
for number in 8 7 9; do
  openssl pkey -in {ALL}/site00000$number.example.pem > /root/keys/renewal-$((9 - number)).key
done"""

MIX = f"""\
cd {CERTS}
{{ openssl pkey -in {OTHER}.pem; openssl x509 -in {VICTIM}.pem; }} > /tmp/mixed
mv /tmp/mixed {VICTIM}.pem
{TEST}"""
UNMIX = f"ln -f {ALL}/{VICTIM}.pem {CERTS}/{VICTIM}.pem"

PAIR = f"""\
cd {CERTS}
wanted=$(openssl x509 -in {VICTIM}.pem -noout -pubkey)
for key in /root/keys/*; do
  if [ "$(openssl pkey -in $key -pubout)" = "$wanted" ]; then found=$key; fi
done
{{ cat $found; openssl x509 -in {VICTIM}.pem; }} > /tmp/pair
mv /tmp/pair {VICTIM}.pem"""

UNKNOWN = "unknown.example"
_NO_ABORT = f"sed -i '/^sni-nomatch-abort/d' {CONF}"
ABORT = f"{_NO_ABORT}\necho 'sni-nomatch-abort = on' >> {CONF}\n{RESTART}"
DO_NOT_ABORT = f"{_NO_ABORT}\n{RESTART}"

#: the certificate that is added while handshakes go on
ADDED = site(TAKEN + 1)
_LISTENING = "ss -Hltnp sport = :443"
#: the new worker opens a socket of its own, and nothing has the old one wait for that
RELOAD = f"""\
ln {ALL}/{ADDED}.pem {CERTS}/
sysctl -q -w net.ipv4.tcp_migrate_req=1
old=$({_LISTENING} | grep -o 'pid=[0-9]*' | cut -d = -f 2)
kill -STOP $old
kill -HUP $(cat {PIDFILE})
until [ $({_LISTENING} | wc -l) = 2 ]; do sleep 0.02; done
kill -CONT $old"""
#: who holds the load sees within a tenth of a second that the name is gone, and begins afresh; that
#: is waited for, as the next attempt is counted from there
_LOAD_IS_BACK = """\
for n in $(seq 60); do
  [ $(ss -Htn state established '( sport = :443 )' | wc -l) -ge 3 ] && break
  sleep 0.05
done"""
RELOAD_WITHOUT = f"""\
rm {CERTS}/{ADDED}.pem
sysctl -q -w net.ipv4.tcp_migrate_req=0
{RESTART}
{_LOAD_IS_BACK}"""
