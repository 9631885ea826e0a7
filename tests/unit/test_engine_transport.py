"""How Docker's library speaks to an engine on a node."""

import socket
import threading

import docker

from labkernel.engine.transport import NodeAdapter

URL = "http://engine:80"
# as an engine answers whoever starts an exec: header lines, then frames of a multiplexed stream
HEAD = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
SAID = b"hello\n"
FRAME = b"\x01\0\0\0" + len(SAID).to_bytes(4, "big") + SAID


def answer(sock: socket.socket) -> None:
    """An engine whose first words come together with the header lines."""
    with sock:
        sock.recv(65536)
        sock.sendall(HEAD + FRAME)
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(65536):  # the request may come in pieces
            pass


def test_what_comes_with_the_header_lines_is_not_lost() -> None:
    """The output of a command is whole, also where it comes in one piece with the header lines."""

    def dial() -> socket.socket:
        mine, theirs = socket.socketpair()
        threading.Thread(target=answer, args=(theirs,)).start()
        return mine

    client = docker.APIClient(base_url=URL, version="1.43", timeout=10)
    client.mount(URL, NodeAdapter(dial))
    assert client.exec_start("0" * 64) == SAID
    client.close()
