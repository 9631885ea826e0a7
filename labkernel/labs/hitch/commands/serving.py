"""Commands: Hitch's certificates, its configuration, its start and its end."""

from labkernel.labs.hitch.commands.certificates import site
from labkernel.labs.hitch.commands.files import ALL, CA, CERTS, CONF, TAKEN
from labkernel.labs.hitch.topology import ADDRESSES

PIDFILE = "/run/hitch.pid"
#: the clock, the process and versions of OpenSSL in each line of Hitch's log
VOLATILE_LOG = r"^(?P<clock>\d{8}T[\d.]+) \[ *(?P<pid>\d+)\]|(?:with|using) (?P<version>\d{8})"

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
