"""The lines of docs/containers.md, as they stand there."""

import re
import shlex
import time
from pathlib import Path

from tests.containers.engines import PROFILE, Engine

PAGE = Path(__file__).parents[2] / "docs/containers.md"
_SHIPPED = "images/container/seccomp.json"
_READY = 60.0  # seconds
#: bash's own way to a port
_ASK = "exec 3<>/dev/tcp/127.0.0.1/8888 && printf 'GET /api HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3"


def line(engine: Engine) -> list[str]:
    """What the page says for an engine, but for its name: detached, with the profile's path."""
    blocks = re.findall(r"(?:^    .+\n)+", PAGE.read_text(), re.MULTILINE)
    found = next(each for each in blocks if each.startswith(f"    {engine.name} run --rm -it"))
    words = shlex.split(found.replace("\\\n", " ").replace(_SHIPPED, PROFILE))
    words[words.index("-it")] = "--detach"
    return [*words[1:3], "--name=documented", *words[3:]]


def test_opens_jupyterlab(engine: Engine) -> None:
    """The first line of an engine's section opens JupyterLab, on a port of the machine's, with the
    course in a volume; the same line runs the doctor, who finds all that labs need."""
    words = line(engine)
    started = engine(*words)
    assert started.returncode == 0, started.stderr
    try:
        answer = answered(engine)
        assert "200 OK" in answer
        listed = engine("exec", "documented", "ls", "/home/trainee/labkernel-course")
        assert "02-anyip.ipynb" in listed.stdout.split()
    finally:
        engine("rm", "--force", "documented")
    words.remove("--detach")
    said = engine(*words, "labkernel", "doctor")
    assert "backend namespaces: able" in said.stdout


def answered(engine: Engine) -> str:
    """What JupyterLab says on its published port, once it says something."""
    end = time.monotonic() + _READY
    while True:
        asked = engine.machine.run("bash", "-c", _ASK)
        if asked.stdout:
            return asked.stdout
        assert time.monotonic() < end, engine("logs", "documented").stderr
        time.sleep(0.2)
