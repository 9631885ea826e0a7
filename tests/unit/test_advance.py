"""What `labkernel open` does before the page opens."""

import socket
from pathlib import Path

import pytest

from labkernel.cli import advance
from labkernel.images import mirror


@pytest.mark.parametrize("listening", [True, False], ids=["silent", "refusing"])
def test_a_mirror_that_does_not_answer(
    listening: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without a mirror nobody waits for a build: which image is missing is told, and what to do."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(advance, "_WITHIN", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        site = f"http://127.0.0.1:{server.getsockname()[1]}/debian"
        if not listening:
            server.close()
        monkeypatch.setenv("LABKERNEL_MIRROR", site)
        assert not mirror.answers(0.1)
        advance.build_for("start")
    said = " ".join(capsys.readouterr().err.split())
    assert f"not built yet: base, since {site} does not answer. The page opens all the same" in said
