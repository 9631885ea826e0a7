"""A supervisor's process in its starter: messages to and from it, and its end."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, Any, NoReturn

from labkernel.backends.namespaces import protocol, usable
from labkernel.errors import BackendError, BackendUnavailable

_SUPERVISOR = Path(__file__).with_name("supervisor.py")
#: nothing of this process's environment is for a lab; newuidmap is found here, on NixOS in the last
_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/wrappers/bin"
}
#: seconds between two words of a supervisor that starts a lab, on a busy machine; and those in
#: which one that was let go of ends
_START, _END = 60.0, 2.0


class SupervisorProcess:
    """The processes of a supervisor and its keeper; they end when this process ends."""

    def __init__(self) -> None:
        self.control, theirs = protocol.pair()
        self._log: IO[bytes] = os.fdopen(os.memfd_create("supervisor"), "w+b")
        with theirs:
            self._keeper = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_SUPERVISOR), str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._log,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                env=_ENVIRONMENT,
            )
        self._reply: protocol.Message = {}
        #: those of its lab's images, once they are known: a failure may be theirs
        self.layers: list[str] = []
        #: real root's: a descriptor of its user namespace
        self.namespace = -1

    def alive(self) -> bool:
        """Check if it still waits."""
        return self._keeper.poll() is None

    def send(self, message: protocol.Message, data: Any, *fds: int) -> None:
        """Send a message with data, which may be longer than a packet: it is a file in memory.

        :raises BackendError: it has ended.
        """
        with os.fdopen(os.memfd_create("plan"), "wb") as file:
            file.write(json.dumps(data).encode())
            file.flush()
            try:
                protocol.send(self.control, message, (file.fileno(), *fds))
            except ConnectionError:
                # it has ended: its last message has the reason
                self.expect("up")
            except OSError as error:
                raise BackendError(f"the lab can't be started: {error.strerror}") from None

    def expect(self, word: str) -> Any:
        """Wait for a message of the supervisor or the keeper; the order is not fixed.

        :raises BackendError: there is no message, or it reports a failure.
        """
        while word not in self._reply:
            if not protocol.readable(self.control.fileno(), _START):
                raise BackendError(f"the lab's supervisor did not answer for {_START:g} s")
            received = protocol.receive(self.control)
            self._reply |= received[0] if received else {}
            if received and received[1]:
                (self.namespace,) = received[1]
            if received is None or {"unavailable", "failed"} & set(self._reply):
                self._raise_failure()
        return self._reply[word]

    def _raise_failure(self) -> NoReturn:
        reply = self._reply
        if "unavailable" in reply:
            raise BackendUnavailable("namespaces", reply["unavailable"], reply["remedy"])
        if "failed" in reply:
            usable.require_mountable(reply["failed"], self.layers)
            raise BackendError(f"the lab could not be started: {reply['failed']}")
        code = self._keeper.wait(_START)
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        last = lines[-1] if lines else "its log is empty"
        raise BackendError(f"the lab's supervisor ended with exit code {code}: {last}")

    def forget_namespace(self) -> None:
        """Close the descriptor of its user namespace, if there is one."""
        if self.namespace >= 0:
            os.close(self.namespace)
            self.namespace = -1

    def end(self) -> None:
        """Close the connection, and wait for its end; kill it if it is stopped."""
        self.control.close()
        self._log.close()
        self.forget_namespace()
        try:
            self._keeper.wait(_END)
        except subprocess.TimeoutExpired:
            if (pid := self._reply.get("supervisor")) and self._is_ours(pid):
                os.kill(pid, signal.SIGKILL)
            self._keeper.kill()
            self._keeper.wait()

    def _is_ours(self, pid: int) -> bool:
        """Check if it is still the keeper's child: then its process id was not reused."""
        listed = Path(f"/proc/{self._keeper.pid}/task/{self._keeper.pid}/children")
        return str(pid) in listed.read_text().split()
