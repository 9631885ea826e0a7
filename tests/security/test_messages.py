"""No message, in whatever encoding and however deep, ends a supervisor, an agent or a command."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkernel import images
from labkernel.backends.namespaces import NamespacesBackend, protocol, rundir
from labkernel.errors import BackendError
from labkernel.testing import CONTRACT_TOPOLOGY
from tests.backends import inventory
from tests.security.test_standing_still import _all_descriptors, processes

pytestmark = pytest.mark.backend

# from octets json.loads guesses each of these
_ENCODINGS = ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
# Python's JSON gives up near its limit of recursion: reading at another depth than writing
_DEPTHS = [1, 98, 99, 100, 101, 150, *range(960, 1010), 5_000, 60_000]


@pytest.fixture(scope="module")
def backend(runtime_directory: Path) -> Iterator[NamespacesBackend]:
    """A lab, which must go on in all of this."""
    images.build("base")
    backend = NamespacesBackend("messages", linger=0)
    backend.up(CONTRACT_TOPOLOGY)
    yield backend
    backend.down()


@pytest.fixture(autouse=True)
def goes_on(backend: NamespacesBackend) -> Iterator[None]:
    """Every node takes commands afterwards."""
    yield
    for node in ("alpha", "bravo"):
        assert backend.run(node, "echo goes on").output == "goes on\n"


def _answered(data: bytes) -> bytes:
    """The answer to a packet, or nothing where the client was let go of."""
    (where,) = rundir.sockets("messages")
    client = rundir.connect(where)
    assert client
    mine, theirs = protocol.pair()
    with client, mine:
        with theirs:
            socket.send_fds(client, [data], [theirs.fileno()])
        mine.settimeout(20)
        return mine.recv(protocol.MAX_PACKET)


@pytest.mark.parametrize("encoding", _ENCODINGS)
def test_encodings(backend: NamespacesBackend, encoding: str) -> None:
    """A message is UTF-8, without a mark: who sends another one is let go of."""
    assert _answered('{"op":"describe"}'.encode(encoding)) == b""
    assert _answered("{}".encode(encoding)) == b""
    assert b'"lab"' in _answered(b'{"op":"describe"}')


@pytest.mark.parametrize("encoding", _ENCODINGS)
def test_encodings_of_signals(backend: NamespacesBackend, encoding: str) -> None:
    """What an agent gets on a command's socket, and can't read, ends neither of the two."""
    message = {"op": "run", "node": "alpha", "argv": ["sleep", "0.5"]}
    with (
        Path("/dev/null").open("r+b") as null,
        backend._connected()._request(message, (null.fileno(), null.fileno())) as answer,
    ):
        answer.send('{"signal":9}'.encode(encoding))
        assert protocol.readable(answer.fileno(), 20)
        received = protocol.receive(answer)
    assert received
    assert received[0] == {"exit": 0}


@pytest.mark.parametrize("pair", ["[]", "{}"])
def test_depths(backend: NamespacesBackend, pair: str) -> None:
    """Brackets in brackets are taken up to a depth at which they can be written again."""
    opening, closing = ("[", "]") if pair == "[]" else ('{"x":', "}")
    for depth in _DEPTHS:
        nested = opening * (depth - 1) + pair + closing * (depth - 1)
        data = f'{{"op":"update","state":{{"it":{nested}}}}}'.encode()
        if len(data) > protocol.MAX_PACKET:
            continue
        taken = nested.encode() in _answered(data)
        assert taken is (2 + depth <= protocol.MAX_DEPTH), depth
        if taken:
            assert nested.encode() in _answered(b'{"op":"read"}')
    backend.update_state({"it": None})


def test_many_brackets_that_are_not_deep(backend: NamespacesBackend) -> None:
    """A command may have as many brackets as it likes, in its text and side by side."""
    text = "[{" * 10_000
    assert backend.run("alpha", ["echo", text]).output == f"{text}\n"
    state = {"many": [[number, {}] for number in range(5_000)]}
    backend.update_state(state)
    assert backend.read_state() == state
    assert backend.update_state({"many": None}) == {}


def test_a_memo_that_no_message_can_carry(backend: NamespacesBackend) -> None:
    """What would make it larger than a message is refused, and it stays what it was."""
    piece = "x" * (protocol.MAX_PACKET // 2)
    backend.update_state({"one": piece})
    with pytest.raises(BackendError):
        backend.update_state({"two": piece})
    assert backend.update_state({"one": None}) == {}


def test_a_command_to_speak_with_that_can_not_be_had(backend: NamespacesBackend) -> None:
    """What is asked for with words that are none is refused, and no descriptor stays."""
    found = processes(backend)
    before = _all_descriptors(found)
    for words in ('["nothing-like-that"]', "[]", "7", '["a\\u0000"]', '["\\ud800"]', "{}", "null"):
        assert b'"error"' in _answered(f'{{"op":"speak","node":"alpha","argv":{words}}}'.encode())
    assert b'"unknown"' in _answered(b'{"op":"speak","node":"nobody","argv":["cat"]}')
    assert inventory.wait_until(lambda: _all_descriptors(found) <= before)
