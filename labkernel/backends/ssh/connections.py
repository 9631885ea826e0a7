"""The connections to a machine's SSH server: who logs in, and that it is the right machine."""

import logging
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labkernel.backends.ssh import runner
from labkernel.errors import NodeLost

if TYPE_CHECKING:
    from paramiko import Channel, PKey, Transport


@dataclass(frozen=True)
class Login:
    """The credentials for a machine, and the host key that it must prove.

    :param key: the private key of the user.
    :param host_key: the machine's host key; only its public part is used.
    :param user: the user's name.
    """

    key: "PKey"
    host_key: "PKey"
    user: str = "root"


class Connections:
    """The connections to one machine: another one where no session is left on those there are.

    :param name: the node's.
    :param open_socket: makes a connection to its SSH server.
    """

    def __init__(self, name: str, login: Login, open_socket: Callable[[], socket.socket]) -> None:
        self._name = name
        self._login = login
        self._open_socket = open_socket
        self._transports: list[Transport] = []
        self._lock = threading.Lock()

    def make(self, within: float) -> "Transport":
        """One more connection, on which the machine has proved who it is and has let us in.

        :param within: seconds for each of the steps of this.
        :raises OSError: nobody answers, or not yet.
        :raises NodeLost: another machine answers, or it does not let us in.
        """
        transport = _connected(self._name, self._login, self._open_socket(), within)
        with self._lock:
            self._transports.append(transport)
        return transport

    def session(self) -> "Channel":
        """A new session; a server that allows no more on one connection gets another one.

        :raises NodeLost: the machine gives none.
        """
        from paramiko import ChannelException, SSHException

        with self._lock:
            transports = list(self._transports)
        for transport in transports:
            try:
                return runner.session(transport)
            except ChannelException:
                continue
            except (SSHException, EOFError, OSError):
                with self._lock:
                    if transport in self._transports:
                        self._transports.remove(transport)
        try:
            return runner.session(self.make(runner.START))
        except (SSHException, EOFError, OSError) as error:
            raise NodeLost(f"{self._name}: it takes no commands ({error})", "Reset") from None

    def close(self) -> None:
        """Let go of all; commands that still run are ended."""
        with self._lock:
            transports, self._transports = self._transports, []
        for transport in transports:
            transport.close()


def _connected(name: str, login: Login, sock: socket.socket, within: float) -> "Transport":
    """A connection that is logged in.

    :raises OSError: there is no SSH server, or none yet.
    :raises NodeLost: it is another machine, or it does not let us in.
    """
    from paramiko import AuthenticationException, SSHException, Transport

    # what it logs is raised as well: without a handler it would be printed, too
    logging.getLogger("paramiko").addHandler(logging.NullHandler())
    sock.settimeout(within)
    _send_at_once(sock)
    transport = Transport(sock)
    transport.daemon = True
    transport.banner_timeout = transport.auth_timeout = within
    try:
        transport.start_client(timeout=within)
        if transport.get_remote_server_key().asbytes() != login.host_key.asbytes():
            raise NodeLost(f"{name}: another machine answers on its SSH port", "Reset")
        transport.auth_publickey(login.user, login.key)
    except AuthenticationException:
        transport.close()
        raise NodeLost(f"{name}: it does not let {login.user} in with this lab's key") from None
    except (SSHException, EOFError) as error:
        transport.close()
        raise ConnectionError(str(error) or "it hung up") from None
    except BaseException:
        transport.close()
        raise
    return transport


def _send_at_once(sock: socket.socket) -> None:
    """Without TCP_NODELAY a command takes 48 ms where it could take 6."""
    if sock.family in (socket.AF_INET, socket.AF_INET6):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
