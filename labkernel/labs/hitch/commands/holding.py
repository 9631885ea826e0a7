"""The program that holds a load of handshakes: given to the client as hold-handshakes."""

from labkernel.labs.hitch.commands.files import CA

PATH = "/usr/local/bin/hold-handshakes"
#: where it writes what came of it, ten times a second
STATE = "/run/handshakes"
LOAD_PIDFILE = "/run/hold-handshakes.pid"

PROGRAM = rf'''#!/usr/bin/python3
"""hold-handshakes ADDRESS NEW NAME...: TLS handshakes one after the other with these names, each on
a new connection and with its certificate verified; and beside them connections that stay open and
get a page ten times a second.  It goes on until SIGTERM, and keeps count in {STATE}.  It
counts from the moment at which NEW was not served: when NEW goes, it begins afresh.
--show prints the count as a line."""

import json
import os
import signal
import socket
import ssl
import sys
import threading

HELD, PAUSE, PATIENCE = 3, 0.01, 5.0
LINE = (
    "{{handshakes}} handshakes, {{failed}} failed; "
    "{{held}} connections held, {{pages}} pages by them, {{lost}} lost"
)
if sys.argv[1:] == ["--show"]:
    with open("{STATE}") as file:
        sys.exit(print(LINE.format(**json.load(file))))
address, new, *names = sys.argv[1:]
context = ssl.create_default_context(cafile="{CA}")
ended, counting = threading.Event(), threading.Lock()


class Load:
    """What is counted together."""

    def __init__(self):
        self.over = threading.Event()
        self.state = dict(handshakes=0, failed=0, held=HELD, pages=0, lost=0, errors=[])
        for work in [self.shake_hands] + [self.hold] * HELD:
            threading.Thread(target=work, daemon=True).start()

    def count(self, what, error=None):
        with counting:
            self.state[what] += 1
            if error:
                self.state["errors"] = [*self.state["errors"], str(error)][-3:]

    def shake_hands(self):
        while not self.over.wait(PAUSE):
            try:
                connect(names[self.state["handshakes"] % len(names)]).close()
                self.count("handshakes")
            except OSError as error:
                self.count("failed", error)

    def hold(self):
        try:
            with connect(names[0]) as connection, connection.makefile("rb") as answers:
                while not self.over.wait(0.1):
                    get_page(connection, answers)
                    self.count("pages")
        except OSError as error:
            self.count("lost", error)


def connect(name):
    plain = socket.create_connection((address, 443), timeout=PATIENCE)
    try:
        return context.wrap_socket(plain, server_hostname=name)
    except BaseException:
        plain.close()
        raise


def get_page(connection, answers):
    connection.sendall(f"GET /page HTTP/1.1\r\nHost: {{names[0]}}\r\n\r\n".encode())
    length = 0
    while (line := answers.readline()) != b"\r\n":
        if not line:
            raise ConnectionError("a connection that was held is closed")
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    answers.read(length)


def is_new_served():
    try:
        connect(new).close()
    except (ssl.SSLEOFError, ConnectionError, TimeoutError):
        return None
    except ssl.SSLError:  # another name's certificate, or an alert
        return False
    return True


def write(state):
    with counting:
        text = json.dumps(state)
    with open("{STATE}.part", "w") as file:
        file.write(text)
    os.rename("{STATE}.part", "{STATE}")


signal.signal(signal.SIGTERM, lambda *_: ended.set())
load, served = Load(), False
while not ended.wait(0.1):
    write(load.state)
    found = is_new_served()
    if served and found is False:
        load.over.set()
        load, served = Load(), False
    served = served or bool(found)
write(load.state)
'''

GIVE = f"cat > {PATH} <<'END'\n{PROGRAM}END\nchmod +x {PATH}"
