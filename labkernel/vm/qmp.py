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
        self._lines = channel.makefile("rw", encoding="utf-8", newline="\n")
        self._channel = channel

    def greet(self) -> None:
        """Read the greeting and leave the negotiation, after which commands are taken."""
        self._read()
        self.ask("qmp_capabilities")

    def ask(self, command: str, **arguments: Any) -> Any:
        """What a command returns; events that come meanwhile are dropped.

        :raises NodeLost: QEMU has ended, or refuses the command.
        """
        try:
            self._lines.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
            self._lines.flush()
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
