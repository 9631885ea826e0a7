"""QEMU's control channel: one JSON object a line, over a socket that QEMU inherits."""

import json
import select
import socket
from typing import Any

from labkernel.errors import NodeLost

#: seconds within which a QEMU that works answers, also on a busy machine
_WITHIN = 60.0
_CHUNK = 4096


class Control:
    """The control channel of one QEMU process; of what it says no more is taken than is needed, so
    that another one can go on with it.

    :param channel: our end of the pair.
    """

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel

    def greet(self) -> None:
        """Read the greeting and leave the negotiation, after which commands are taken."""
        self._read()
        self.ask("qmp_capabilities")

    def ask(self, command: str, **arguments: Any) -> Any:
        """Run a command; returns its result.  Events before it are dropped.

        :raises NodeLost: QEMU has ended, or refuses the command.
        """
        return self._ask(command, arguments, [])

    def give(self, name: str, fd: int) -> None:
        """Hand a descriptor over; a URI ``fd:name`` stands for it.

        :raises NodeLost: QEMU has ended.
        """
        self._ask("getfd", {"fdname": name}, [fd])

    def _ask(self, command: str, arguments: dict[str, Any], fds: list[int]) -> Any:
        request = json.dumps({"execute": command, "arguments": arguments}) + "\n"
        try:
            socket.send_fds(self._channel, [request.encode()], fds)
        except OSError as error:
            raise NodeLost(f"QEMU has ended: {error.strerror}") from None
        while True:
            answer = self._read()
            if "error" in answer:
                raise NodeLost(f"QEMU refuses {command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def _read(self) -> dict[str, Any]:
        line = b""
        while not line.endswith(b"\n"):
            if not select.select([self._channel], [], [], _WITHIN)[0]:
                raise NodeLost(f"QEMU says nothing for {_WITHIN:g} s")
            line += self._part()
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _part(self) -> bytes:
        try:
            seen = self._channel.recv(_CHUNK, socket.MSG_PEEK)
            if seen:
                return self._channel.recv(seen.find(b"\n") + 1 or len(seen))
        except ConnectionResetError:
            pass  # it has not read all that it was told
        raise NodeLost("QEMU has ended")

    def close(self) -> None:
        """Close our end."""
        self._channel.close()
