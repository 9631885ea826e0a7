"""The supervisor of a lab: PID 1 of its pid namespace; when it ends, the kernel removes the lab.

The client runs this file with ``python -I -S``, standard library alone, so that it starts in
milliseconds and forks quickly.  Two processes come of it:

* the *keeper* stays in the host's namespaces, waits for the supervisor's end, and removes the
  lab's socket, the only file outside the lab;
* the *supervisor* makes the lab's namespaces, the bridges and one child per node (see node.py),
  and passes commands on to the nodes' agents.

Neither outlives the other: the supervisor ends when the keeper's pipe closes.
"""

import os
import sys

# `python -I` leaves this file's folder and the working directory off the path
sys.path.insert(0, os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", "..")))

import gc
import json
import resource
import selectors
import socket
import time
from typing import Any

from labkernel import linux
from labkernel.backends.namespaces import hollow, netlink, node, protocol
from labkernel.backends.namespaces.rundir import remove

_NAMESPACES = linux.CLONE_NEWNET | linux.CLONE_NEWNS | linux.CLONE_NEWUTS | linux.CLONE_NEWIPC
_WIRED_AT_ONCE = 16
#: seconds between two looks of a lab without clients at whether it can still be found
_LOOK = 10.0


def keep(control: socket.socket) -> int:
    """Make the supervisor, wait for its end, and remove the lab's socket."""
    try:
        linux.enter_user_namespace(linux.CLONE_NEWPID)
    except linux.NoUserNamespace as error:
        protocol.send(control, {"unavailable": error.why, "remedy": error.remedy})
        return 3
    alive_r, alive_w = os.pipe()
    bound_r, bound_w = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(alive_w)
        os.close(bound_r)
        _supervise(control, alive_r, bound_w)
    os.close(alive_r)
    os.close(bound_w)
    protocol.send(control, {"supervisor": pid})
    control.close()
    _, status = os.waitpid(pid, 0)
    if bound := os.read(bound_r, 4096):
        remove(bound.decode())
    return abs(os.waitstatus_to_exitcode(status))


def _supervise(control: socket.socket, alive_r: int, bound_w: int) -> None:
    """The supervisor; never returns."""
    code = 1
    try:
        if not _prepare(control):
            os._exit(3)
        received = protocol.receive(control)
        if received is not None:
            # what else came keeps the images in place for as long as this process lives
            message, (plan_fd, listener, directory, *_) = received
            os.write(bound_w, message["socket"].encode())
            lab = _Lab(message, control, socket.socket(fileno=listener), directory, alive_r)
            lab.build(_read_all(plan_fd))
            lab.serve()
        code = 0
    except (OSError, ValueError) as error:
        protocol.send(control, {"failed": str(error)})
    except BaseException:
        # a mistake of ours: into the log, whose last line the client shows
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(code)


def _prepare(control: socket.socket) -> bool:
    """All that needs no plan; what AppArmor, or a container, refuses is found out here."""
    try:
        linux.unshare(_NAMESPACES)
        linux.make_mounts_private()
        _raise_open_files()
        hollow.prepare()
    except OSError as error:
        refused = linux.why_refused(error)
        protocol.send(control, {"unavailable": refused.why, "remedy": refused.remedy})
        return False
    protocol.send(control, {"ready": True})
    return True


def _raise_open_files() -> None:
    """A lab of hundreds of nodes needs more descriptors than the usual soft limit of 1024."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _read_all(fd: int) -> Any:
    with os.fdopen(fd, "rb") as file:
        file.seek(0)
        return json.load(file)


class _Node:
    """What the supervisor knows of a node."""

    def __init__(self, name: str, pid: int, channel: socket.socket) -> None:
        self.name = name
        self.pid = pid
        self.channel = channel
        self.ended = ""


class _Lab:
    def __init__(
        self,
        message: protocol.Message,
        control: socket.socket,
        listener: socket.socket,
        directory: int,
        alive: int,
    ) -> None:
        self._told = message["describe"]
        self._linger = float(message["linger"])
        self._privileged = bool(message["privileged"])
        self._socket = os.path.basename(message["socket"])
        self._directory = directory
        self._control = control
        self._listener = listener
        self._alive = alive
        self._nodes: dict[str, _Node] = {}
        self._memo: Any = {}
        self._clients: set[socket.socket] = set()
        self._selector = selectors.DefaultSelector()

    # -- building ----------------------------------------------------------------------------

    def build(self, plan: list[dict[str, Any]]) -> None:
        """Fork the nodes, wire them, wait until each is up, and answer the client."""
        inside = hollow.enter(sorted({layer for part in plan for layer in part["layers"]}))
        _set("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1")
        self._own_pids = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        # what a child would write to is copied for it: the collector's marks, the environment
        gc.freeze()
        gc.disable()
        os.environ.clear()
        os.environ.update(node.ENVIRONMENT)
        for part in plan:
            layers = [inside[layer] for layer in part["layers"]]
            self._fork(part | {"layers": layers, "privileged": self._privileged})
        received = protocol.receive(self._control)
        if received is None:
            os._exit(0)
        wiring = _read_all(received[1][0])
        with netlink.open_route() as route:
            netlink.send_all(route, [bytes.fromhex(text) for text in wiring["bridges"]])
            self._wire(route, wiring["nodes"])
        for each in self._nodes.values():
            _expect(each, b"U")
        protocol.send(self._control, {"up": True})

    def _fork(self, part: dict[str, Any]) -> None:
        mine, theirs = protocol.pair()
        linux.unshare(linux.CLONE_NEWPID)
        pid = os.fork()
        if pid == 0:
            node.become(part, _only(theirs))
        theirs.close()
        linux.setns(self._own_pids, linux.CLONE_NEWPID)
        self._nodes[part["name"]] = _Node(part["name"], pid, mine)

    def _wire(self, route: socket.socket, wiring: list[dict[str, Any]]) -> None:
        """Give each node its interfaces, a few nodes a system call, and tell it what to do next."""
        for start in range(0, len(wiring), _WIRED_AT_ONCE):
            some = wiring[start : start + _WIRED_AT_ONCE]
            veths = []
            for part in some:
                each = self._nodes[part["name"]]
                _expect(each, b"N")
                veths += [netlink.to_process(bytes.fromhex(m), each.pid) for m in part["wires"]]
            try:
                netlink.send_all(route, veths)
            except ProcessLookupError:
                # a node has ended since: its own last word tells why
                for part in some:
                    _expect(self._nodes[part["name"]], b"U")
                raise
            for part in some:
                self._nodes[part["name"]].channel.send(bytes.fromhex(part["network"]))

    # -- serving -----------------------------------------------------------------------------

    def serve(self) -> None:
        """Pass commands on until the last client has been gone for `linger` seconds."""
        watch = self._selector.register
        watch(self._listener, selectors.EVENT_READ, self._accept)
        watch(self._alive, selectors.EVENT_READ, _end)
        self._welcome(self._control)
        for each in self._nodes.values():
            watch(each.channel, selectors.EVENT_READ, lambda each=each: self._lost(each))
        alone_since = time.monotonic()
        while True:
            if self._clients:
                alone_since = time.monotonic()
            elif self._is_lost() or time.monotonic() - alone_since >= self._linger:
                return
            for key, _ in self._selector.select(None if self._clients else self._next_look()):
                key.data()

    def _next_look(self) -> float:
        """Seconds until it is time to see whether anyone can still come."""
        return min(self._linger, _LOOK)

    def _is_lost(self) -> bool:
        """Whether nobody can find it any more: its socket was removed, with its directory maybe."""
        try:
            os.stat(self._socket, dir_fd=self._directory)
        except FileNotFoundError:
            return True
        return False

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        self._welcome(client)

    def _welcome(self, client: socket.socket) -> None:
        self._clients.add(client)
        self._selector.register(client, selectors.EVENT_READ, lambda: self._hear(client))

    def _hear(self, client: socket.socket) -> None:
        received = protocol.receive(client)
        if received is None:
            self._selector.unregister(client)
            self._clients.discard(client)
            client.close()
            return
        message, fds = received
        try:
            self._answer(message, fds)
        finally:
            for fd in fds:
                os.close(fd)

    def _answer(self, message: protocol.Message, fds: list[int]) -> None:
        """The last descriptor is the socket that the answer goes to."""
        if message["op"] in ("run", "terminal"):
            self._pass_on(message, fds)
        elif message["op"] == "describe":
            ended = {each.name: each.ended for each in self._nodes.values() if each.ended}
            _reply(fds[-1], self._told | {"ended": ended})
        elif message["op"] == "read":
            _reply(fds[-1], {"memo": self._memo})
        elif message["op"] == "write":
            self._memo = message["memo"]
            _reply(fds[-1], {})
        else:
            _reply(fds[-1], {"error": f"unknown request {message['op']!r}"})

    def _pass_on(self, message: protocol.Message, fds: list[int]) -> None:
        each = self._nodes.get(message["node"])
        if each is None:
            _reply(fds[-1], {"unknown": sorted(self._nodes)})
            return
        if each.ended:
            _reply(fds[-1], {"lost": each.ended})
            return
        try:
            protocol.send(each.channel, message, fds, socket.MSG_DONTWAIT)
        except OSError as error:
            _reply(fds[-1], {"lost": f"its agent takes no commands ({error.strerror})"})

    def _lost(self, each: _Node) -> None:
        """An agent's channel only becomes readable when the agent ends."""
        self._selector.unregister(each.channel)
        each.channel.close()
        _, status = os.waitpid(each.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        each.ended = f"killed by signal {-code}" if code < 0 else f"exit code {code}"


def _set(path: str, value: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(value)


def _only(channel: socket.socket) -> socket.socket:
    """Close, in a child, every descriptor but this one, which becomes 3, and stdio."""
    os.dup2(channel.detach(), 3, inheritable=False)
    os.closerange(4, 1 << 20)
    return socket.socket(fileno=3)


def _expect(each: _Node, word: bytes) -> None:
    said = each.channel.recv(1024)
    if said != word:
        why = said[1:].decode(errors="replace") if said else "it ended without a word"
        raise OSError(f"node {each.name} did not start: {why}")


def _reply(fd: int, message: protocol.Message) -> None:
    with socket.socket(fileno=os.dup(fd)) as caller:
        try:
            protocol.send(caller, message, flags=socket.MSG_DONTWAIT)
        except OSError:
            # whoever asked has gone: nobody is left to tell
            return


def _end() -> None:
    os._exit(0)


if __name__ == "__main__":
    # at once: the interpreter's own end would keep whoever waits for the lab's waiting
    os._exit(keep(socket.socket(fileno=int(sys.argv[1]))))
