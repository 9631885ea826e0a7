"""QEMU's control channel: one JSON object a line, over a socket that QEMU inherits."""

import json
import socket
from typing import Any

from labkernel.errors import NodeLost


class Control:
    """The control channel of one QEMU process.

    :param channel: our end of the pair.
    """

    def __init__(self, channel: socket.socket) -> None:
        self._lines = channel.makefile("r", encoding="utf-8", newline="\n")
        self._channel = channel

    def greet(self) -> None:
        """Read the greeting and leave the negotiation, after which commands are taken."""
        self._read()
        self.ask("qmp_capabilities")

    def ask(self, command: str, **arguments: Any) -> Any:
        """What a command returns; events that come meanwhile are dropped.

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
        line = self._lines.readline()
        if not line:
            raise NodeLost("QEMU has ended")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """Close our end."""
        self._lines.close()
        self._channel.close()
