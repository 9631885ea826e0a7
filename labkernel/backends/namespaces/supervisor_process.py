"""A supervisor's process, as its starter has it: what it is told, what it says, and its end."""

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
    """A supervisor's process, and its keeper's; they end by themselves when this process does."""

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
        self._told: protocol.Message = {}
        #: those of its lab's images, once they are known: a failure may be theirs
        self.layers: list[str] = []
        #: real root's: a descriptor of its user namespace
        self.namespace = -1

    def alive(self) -> bool:
        """Whether it still waits."""
        return self._keeper.poll() is None

    def send(self, message: protocol.Message, data: Any, *fds: int) -> None:
        """Tell it something.  The data may be longer than a packet: it goes in a file in memory.

        :raises BackendError: it has ended.
        """
        with os.fdopen(os.memfd_create("plan"), "wb") as file:
            file.write(json.dumps(data).encode())
            file.flush()
            try:
                protocol.send(self.control, message, (file.fileno(), *fds))
            except ConnectionError:
                # it has ended: what it said last tells why
                self.expect("up")
            except OSError as error:
                raise BackendError(f"the lab can't be started: {error.strerror}") from None

    def expect(self, word: str) -> Any:
        """Wait for a word of the supervisor or the keeper; they speak in no fixed order.

        :raises BackendError: it says nothing, or that it has failed.
        """
        while word not in self._told:
            if not protocol.readable(self.control.fileno(), _START):
                raise BackendError(f"the lab's supervisor says nothing for {_START:g} s")
            received = protocol.receive(self.control)
            self._told |= received[0] if received else {}
            if received and received[1]:
                (self.namespace,) = received[1]
            if received is None or {"unavailable", "failed"} & set(self._told):
                self._raise_failure()
        return self._told[word]

    def _raise_failure(self) -> NoReturn:
        told = self._told
        if "unavailable" in told:
            raise BackendUnavailable("namespaces", told["unavailable"], told["remedy"])
        if "failed" in told:
            usable.require_mountable(told["failed"], self.layers)
            raise BackendError(f"the lab could not be started: {told['failed']}")
        code = self._keeper.wait(_START)
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        said = lines[-1] if lines else "it said nothing"
        raise BackendError(f"the lab's supervisor ended with exit code {code}: {said}")

    def forget_namespace(self) -> None:
        """Close the descriptor of its user namespace, if there is one."""
        if self.namespace >= 0:
            os.close(self.namespace)
            self.namespace = -1

    def end(self) -> None:
        """End it, and wait for that: by itself, as it is let go of, or killed where it stands
        still."""
        self.control.close()
        self._log.close()
        self.forget_namespace()
        try:
            self._keeper.wait(_END)
        except subprocess.TimeoutExpired:
            if (pid := self._told.get("supervisor")) and self._is_ours(pid):
                os.kill(pid, signal.SIGKILL)
            self._keeper.kill()
            self._keeper.wait()

    def _is_ours(self, pid: int) -> bool:
        """Whether it is the keeper's child still: no other process can have its number then."""
        listed = Path(f"/proc/{self._keeper.pid}/task/{self._keeper.pid}/children")
        return str(pid) in listed.read_text().split()
