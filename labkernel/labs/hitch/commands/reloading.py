"""Commands: a load of handshakes, and a reload under it."""

from labkernel.labs.hitch.commands.files import ADDED, ALL, CERTS
from labkernel.labs.hitch.commands.holding import LOAD_PIDFILE, PATH
from labkernel.labs.hitch.commands.serving import PIDFILE, RESTART
from labkernel.labs.hitch.topology import ADDRESSES

START_LOAD = (
    f"start-stop-daemon --start --quiet --background --make-pidfile --pidfile {LOAD_PIDFILE} \\\n"
    f"  --exec {PATH} -- {ADDRESSES['trixie']} {ADDED} site000001.example site000123.example"
)
END_LOAD = (
    "start-stop-daemon --stop --quiet --oknodo --retry 10 --remove-pidfile "
    f"--pidfile {LOAD_PIDFILE}\n"
)
SHOW_LOAD = "hold-handshakes --show"

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
