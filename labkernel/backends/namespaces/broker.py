"""Serves the clients of a supervisor: passes their commands on to the nodes' agents.

Standard library alone: see supervisor.py.
"""

import os
import selectors
import socket
import time
from collections.abc import Iterable
from typing import Any

from labkernel.backends.namespaces import links, protocol
from labkernel.backends.namespaces.lab_nodes import Node
from labkernel.backends.namespaces.processes import stands_still
from labkernel.backends.namespaces.vm import Vm

#: seconds between two checks of a lab without clients that its socket still exists
_LOOK = 10.0


class Hub:
    """The clients of a lab, and its nodes.

    :param description: the message of the client that started the lab (see launch.py).
    :param nodes: by name.
    :param listener: the socket on which clients connect.
    :param bound: a descriptor of the listener's socket file, whose path is not visible inside.
    :param alive: the keeper's pipe, which reports if the socket file exists; readable at its end.

    A lab with VMs is not ready until its starter has restored them and reports it: other clients
    wait for that, and if the starter ends, the lab does as well.
    """

    def __init__(
        self,
        description: protocol.Message,
        nodes: dict[str, Node | Vm],
        listener: socket.socket,
        bound: int,
        alive: int,
    ) -> None:
        self._lab = description["describe"]
        self._login = description["login"]
        self._linger = float(description["linger"])
        self._nodes = nodes
        self._bound = bound
        self._lost_from_outside = False
        self._ready = not description["describe"]["vms"]
        self._starter: socket.socket | None = None
        self._waiting: list[int] = []
        self._unanswered: list[tuple[Node | Vm, int]] = []
        self._state: dict[str, Any] = {}
        #: the holder of a lock on this file may run a step: one at a time
        self._turn = -1
        self._clients: set[socket.socket] = set()
        self._selector = selectors.DefaultSelector()
        watch = self._selector.register
        watch(listener, selectors.EVENT_READ, lambda: self._let_in(listener))
        watch(alive, selectors.EVENT_READ, lambda: self._heed(alive))
        for each in nodes.values():
            watch(each.watched, selectors.EVENT_READ, lambda each=each: self._lost(each))

    def _let_in(self, listener: socket.socket) -> None:
        try:
            client, _ = listener.accept()
        except OSError:
            return  # it has closed again, or there are no descriptors left: others may close
        try:
            self.welcome(client)
        except OSError:  # there is no room for another event
            self._clients.discard(client)
            client.close()

    def welcome(self, client: socket.socket) -> None:
        """Serve a client from now on; the first one is the starter."""
        self._starter = self._starter or client
        self._clients.add(client)
        self._selector.register(client, selectors.EVENT_READ, lambda: self._hear(client))

    def serve(self) -> None:
        """Pass commands on until the last client has been gone for `linger` seconds."""
        alone_since = time.monotonic()
        while True:
            if not self._ready and self._starter not in self._clients:
                return
            if self._clients:
                alone_since = time.monotonic()
            elif self._is_lost() or time.monotonic() - alone_since >= self._linger:
                return
            for key, _ in self._selector.select(None if self._clients else self._next_look()):
                key.data()

    def _next_look(self) -> float:
        """The seconds until the next check that clients can still connect."""
        return min(self._linger, _LOOK)

    def _is_lost(self) -> bool:
        """Check if clients can't find the lab any more: its socket was removed, or its directory
        was replaced."""
        return self._lost_from_outside or os.fstat(self._bound).st_nlink == 0

    def _heed(self, alive: int) -> None:
        """Handle a message of the keeper, and its end."""
        message = os.read(alive, 64)
        if not message:
            os._exit(0)
        self._lost_from_outside = message.endswith(protocol.LOST)

    def _hear(self, client: socket.socket) -> None:
        try:
            received = protocol.receive(client)
        except (protocol.Malformed, OSError):
            received = None  # the client does not use this protocol: close it
        if received is None:
            self._selector.unregister(client)
            self._clients.discard(client)
            client.close()
            return
        message, fds = received
        try:
            if fds:
                self._answer(message, fds)
        except Exception as error:
            # no request, be it of another version or malformed, may end the lab
            _reply(fds[-1], {"error": f"a request that can't be met: {error!r}"[:1000]})
        finally:
            protocol.close_all(fds)

    def _answer(self, message: protocol.Message, fds: list[int]) -> None:
        """Handle a request; its last descriptor is the socket for the reply."""
        if message["op"] in ("run", "speak", "terminal"):
            self._pass_on(message, fds)
        elif message["op"] == "describe":
            _reply(fds[-1], self._description())
        elif message["op"] == "join":
            self._waiting.append(os.dup(fds[-1]))
            self._tell_who_waits()
        elif message["op"] == "ready":
            self._ready = True
            _reply(fds[-1], {})
            self._tell_who_waits()
        elif message["op"] in ("dial", "control", "console"):
            self._give(message, fds[-1])
        elif message["op"] == "carrier":
            _reply(fds[-1], _set_up(message["wires"], message["on"]))
        elif message["op"] == "login":
            _reply(fds[-1], {"login": self._login})
        elif message["op"] == "read":
            _reply(fds[-1], {"state": self._state})
        elif message["op"] == "update":
            _reply(fds[-1], self._remember(message["state"]))
        elif message["op"] == "turn":
            if self._turn < 0:
                self._turn = os.memfd_create("turn", os.MFD_CLOEXEC)
            _reply(fds[-1], {}, [self._turn])
        else:
            _reply(fds[-1], {"error": f"unknown request {message['op']!r}"})

    def _remember(self, changes: dict[str, Any]) -> protocol.Message:
        """Change the values that the lab stores for its clients; they must fit into one message."""
        state = {name: it for name, it in (self._state | changes).items() if it is not None}
        if not protocol.fits({"state": state}):
            return {"refused": "the lab keeps no more than one message can carry"}
        self._state = state
        return {"state": state}

    def _description(self) -> protocol.Message:
        ended = {each.name: each.ended for each in self._nodes.values() if each.ended}
        stopped = [n.name for n in self._nodes.values() if not n.ended and stands_still(n.pid)]
        description: protocol.Message = {
            "ended": ended,
            "stopped": stopped,
            "protocol": protocol.VERSION,
        }
        description |= self._lab
        return description

    def _tell_who_waits(self) -> None:
        while self._ready and self._waiting:
            fd = self._waiting.pop()
            _reply(fd, self._description())
            os.close(fd)

    def _pass_on(self, message: protocol.Message, fds: list[int]) -> None:
        each = self._nodes.get(message["node"])
        if each is None:
            _reply(fds[-1], {"unknown": sorted(self._nodes)})
            return
        if each.ended:
            _reply(fds[-1], {"lost": each.ended})
            return
        if isinstance(each, Vm):
            _reply(fds[-1], {"lost": "it is a VM, which takes commands by SSH"})
            return
        try:
            protocol.send(each.channel, message, fds, socket.MSG_DONTWAIT)
        except (BrokenPipeError, ConnectionResetError):
            # the agent is ending: the reason is known when it has ended
            self._unanswered.append((each, os.dup(fds[-1])))
        except OSError as error:
            _reply(fds[-1], {"lost": f"its agent takes no commands ({error.strerror})"})

    def _give(self, message: protocol.Message, answer: int) -> None:
        """Reply with a descriptor of a VM; its console is available after its end as well."""
        each = self._nodes.get(message["node"])
        if not isinstance(each, Vm):
            _reply(answer, {"lost": "there is no such VM"})
        elif message["op"] == "console":
            _reply(answer, {}, [each.console])
        elif each.ended:
            _reply(answer, {"lost": each.ended})
        elif message["op"] == "control":
            _reply(answer, {}, [each.control.fileno()])
        else:
            try:
                with each.dial() as sock:
                    _reply(answer, {}, [sock.fileno()])
            except OSError as error:
                _reply(answer, {"lost": f"its QEMU takes no connection: {error.strerror}"})

    def _lost(self, each: Node | Vm) -> None:
        """Handle the end of a node: its pidfd is readable, so that the wait returns at once."""
        self._selector.unregister(each.watched)
        each.let_go()
        pid, status = os.waitpid(each.pid, os.WNOHANG)
        code = os.waitstatus_to_exitcode(status) if pid else 0
        each.ended = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
        for asked, answer in [one for one in self._unanswered if one[0] is each]:
            _reply(answer, {"lost": each.ended})
            os.close(answer)
            self._unanswered.remove((asked, answer))


def _set_up(wires: Iterable[str], on: bool) -> protocol.Message:
    """Set links up or down; returns the reply, with the error if there is one."""
    try:
        for name in wires:
            links.set_up(name, on)
    except OSError as error:
        return {"failed": error.strerror}
    return {}


def _reply(fd: int, message: protocol.Message, fds: Iterable[int] = ()) -> None:
    try:
        with socket.socket(fileno=os.dup(fd)) as caller:
            protocol.send(caller, message, fds, socket.MSG_DONTWAIT)
    except (OSError, ValueError):
        # the caller has ended, or sent no socket
        return
