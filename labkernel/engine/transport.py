"""HTTP of the library requests over sockets that a function opens."""

import io
import socket
from collections.abc import Callable
from http.client import HTTPResponse
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

Dial = Callable[[], socket.socket]
"""A function that opens a connection at each call."""


class _Response(HTTPResponse):
    """A response that reads no further than requested.

    Docker's library uses the socket below the response for a container's streams: data that was
    read ahead together with the header would be lost.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fp: Any = io.BufferedReader(self.fp.detach(), 1)


class _Connection(HTTPConnection):
    """A connection over a socket from `dial`."""

    response_class = _Response

    def __init__(self, dial: Dial, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._dial = dial

    def connect(self) -> None:
        """Open it."""
        self.sock = self._dial()
        if isinstance(self.timeout, int | float):
            self.sock.settimeout(self.timeout)


class _Pool(HTTPConnectionPool):
    """Keeps connections open between requests."""

    def __init__(self, dial: Dial) -> None:
        super().__init__("engine", maxsize=10)
        self._dial = dial

    def _new_conn(self) -> _Connection:
        self.num_connections += 1
        return _Connection(self._dial, host=self.host, timeout=self.timeout.connect_timeout)


class NodeAdapter(HTTPAdapter):
    """Sends requests over sockets from `dial`, for any host."""

    def __init__(self, dial: Dial) -> None:
        super().__init__()
        self._pool = _Pool(dial)

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> _Pool:
        """The one connection pool."""
        return self._pool

    def request_url(self, request: Any, proxies: Any) -> str:
        """The path alone: there is no proxy."""
        return str(request.path_url)

    def close(self) -> None:
        """Close the open connections; their commands on the node end."""
        self._pool.close()
        super().close()
