"""A terminal on a node, in the page.

The page asks for the words of a command, and has Jupyter's server run it on a terminal: it is a
shell on the node from its first byte, whatever the server's PATH and login shell are.  Where a
server has no terminals, the kernel has one, and its bytes go over the card's comm.
"""

import codecs
import os
import threading
from collections.abc import Callable
from typing import Any

from labkernel.errors import LabError
from labkernel.notebook.session import Session

Send = Callable[[dict[str, Any]], None]

#: pieces that the page has not answered yet: more than it can show is not kept in memory
_AHEAD = 16
_PIECE = 65536


def words(session: Session, node: str) -> dict[str, Any]:
    """Start the lab if it does not run; what a shell on the node is started by.

    :returns: ``argv``, ``env``, and a ``name`` that is the same each time.
    :raises LabError: there is no such node, or the lab can't be started.
    """
    lab = session.running
    lab.topology.node(node)
    if not lab.is_up():
        session.start()
        session.wait()
    if not lab.is_up():
        raise session.problem if isinstance(session.problem, LabError) else _not_up(session)
    session.touched = True  # what is done there nobody sees
    name = f"labkernel {lab.backend.name} {lab.lab.name} {node}"
    return {"argv": lab.shell(node), "env": _environment(), "name": name}


def _not_up(session: Session) -> LabError:
    why = f" ({session.problem})" if session.problem else ""
    return LabError(f"the lab {session.lab.name} does not run{why}", "Start, on the lab's card")


def _environment() -> dict[str, str]:
    """The environment variables that lead to this user's labs, which the server may lack."""
    names = ("XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "PYTHONPATH")
    return {
        name: value
        for name, value in os.environ.items()
        if name in names or name.startswith("LABKERNEL_")
    }


class Terminal:
    """A command on a pseudo-terminal of the kernel's, for a page that speaks by messages."""

    def __init__(self, argv: list[str], size: tuple[int, int], send: Send) -> None:
        from ptyprocess import PtyProcess

        self._send = send
        self._room = threading.Semaphore(_AHEAD)
        environment = os.environ | {"TERM": "xterm-256color"}
        self._process: Any = PtyProcess.spawn(argv, env=environment, dimensions=size)
        threading.Thread(target=self._read, name="terminal of the page", daemon=True).start()

    def _read(self) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while True:
            self._room.acquire()
            try:
                data = self._process.read(_PIECE)
            except (EOFError, OSError):  # OSError: it was closed meanwhile
                break
            self._send({"data": decoder.decode(data)})
        self._send({"ended": True})

    def hear(self, message: dict[str, Any]) -> None:
        """Take what the page says: ``data`` was typed, ``size`` is new, ``read`` was shown."""
        if "read" in message:
            self._room.release()
        if self._process.closed:
            return
        if "size" in message:
            self._process.setwinsize(*map(int, message["size"]))
        if "data" in message:
            self._process.write(str(message["data"]).encode())

    def close(self) -> None:
        """End it, as a terminal that is closed."""
        self._process.close(force=True)
        self._room.release()


class Desk:
    """A card's terminals; it answers to the view that sent the request."""

    def __init__(self, session: Session, send: Send) -> None:
        self._session = session
        self._send = send
        self._open: dict[str, Terminal] = {}

    def ask(self, message: dict[str, Any]) -> None:
        """Tell how a shell on a node is started.  The answer comes when the lab runs."""
        work = threading.Thread(target=self._ask, args=(message,), name="terminal", daemon=True)
        work.start()

    def _ask(self, message: dict[str, Any]) -> None:
        reply: dict[str, Any] = {"kind": "terminal", "id": message.get("id")}
        try:
            reply |= words(self._session, str(message.get("node", "")))
        except (Exception, SystemExit) as error:  # whatever it is, the card shows it
            reply["error"] = str(error)
        self._send(reply)

    def speak(self, message: dict[str, Any]) -> None:
        """Carry a terminal of the kernel's: ``open``, ``close``, or what it is to hear."""
        key = str(message.get("key", ""))
        if "open" in message:
            node, rows, columns = message["open"]
            argv = words(self._session, str(node))["argv"]
            send = lambda more: self._send({"kind": "tty", "key": key, **more})  # noqa: E731
            self._open[key] = Terminal(argv, (int(rows), int(columns)), send)
        elif terminal := self._open.get(key):
            if "close" in message:
                self._open.pop(key).close()
            else:
                terminal.hear(message)
