"""The program that holds a load of handshakes: given to the client as /usr/local/bin/hold-handshakes."""

from labkernel.labs.hitch.commands import ADDRESSES, CA

PATH = "/usr/local/bin/hold-handshakes"
#: where it writes what came of it, ten times a second
STATE = "/run/handshakes"
PIDFILE = "/run/hold-handshakes.pid"

PROGRAM = rf'''#!/usr/bin/python3
"""hold-handshakes ADDRESS NAME...: TLS handshakes one after the other with these names, each on a
new connection and with its certificate verified; and beside them three connections that stay open
and get a page ten times a second.  It goes on until SIGTERM, and keeps count in {STATE}."""

import json
import os
import signal
import socket
import ssl
import sys
import threading

HELD, PAUSE, PATIENCE = 3, 0.01, 5.0
address, *names = sys.argv[1:]
context = ssl.create_default_context(cafile="{CA}")
ended, counting = threading.Event(), threading.Lock()
state = {{"handshakes": 0, "failed": 0, "held": HELD, "pages": 0, "lost": 0, "errors": []}}


def count(what, error=""):
    with counting:
        state[what] += 1
        if error:
            state["errors"] = [*state["errors"], str(error)][-3:]


def connect(name):
    plain = socket.create_connection((address, 443), timeout=PATIENCE)
    try:
        return context.wrap_socket(plain, server_hostname=name)
    except BaseException:
        plain.close()
        raise


def shake_hands():
    turn = 0
    while not ended.wait(PAUSE):
        turn += 1
        try:
            connect(names[turn % len(names)]).close()
            count("handshakes")
        except OSError as error:
            count("failed", error)


def hold(name):
    try:
        with connect(name) as connection, connection.makefile("rb") as answers:
            while not ended.wait(0.1):
                connection.sendall(f"GET /page HTTP/1.1\r\nHost: {{name}}\r\n\r\n".encode())
                length = 0
                while (line := answers.readline()) != b"\r\n":
                    if not line:
                        raise ConnectionError("a connection that was held is closed")
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                answers.read(length)
                count("pages")
    except OSError as error:
        count("lost", error)


def write():
    with counting:
        text = json.dumps(state)
    with open("{STATE}.part", "w") as file:
        file.write(text)
    os.rename("{STATE}.part", "{STATE}")


signal.signal(signal.SIGTERM, lambda *_: ended.set())
threads = [threading.Thread(target=hold, args=(names[0],)) for _ in range(HELD)]
threads.append(threading.Thread(target=shake_hands))
for thread in threads:
    thread.start()
while not ended.wait(0.1):
    write()
for thread in threads:
    thread.join()
write()
'''

GIVE = f"cat > {PATH} <<'END'\n{PROGRAM}END\nchmod +x {PATH}"

START = (
    f"start-stop-daemon --start --quiet --background --make-pidfile --pidfile {PIDFILE} \\\n"
    f"  --exec {PATH} -- {ADDRESSES['trixie']} site000001.example site000123.example"
)
END = (
    f"start-stop-daemon --stop --quiet --oknodo --retry 10 --remove-pidfile --pidfile {PIDFILE}\n"
)
SHOW = f"""\
python3 -c 'import json; print("{{handshakes}} handshakes, {{failed}} failed; {{held}} connections held, \
{{pages}} pages by them, {{lost}} lost".format(**json.load(open("{STATE}"))))'"""
