"""Selects the Debian mirror for packages: this machine's own, if it runs Debian."""

import os
import platform
import re
import subprocess

from labkernel.errors import ImageError

DEBIAN = "http://deb.debian.org/debian"
#: where releases go whose support has ended; nothing there is renewed, so lists may have expired
ARCHIVE = "http://archive.debian.org/debian"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"

_PATIENCE = 10  # seconds
_URL = re.compile(r"https?://[^\s\[\]]+\Z")


def url() -> str:
    """LABKERNEL_MIRROR, else where this machine's own Debian comes from, else Debian's own.

    :raises ImageError: LABKERNEL_MIRROR is not a URL.
    """
    given = os.environ.get("LABKERNEL_MIRROR", "")
    if given and not _URL.match(given):
        raise ImageError(f"LABKERNEL_MIRROR is {given!r}, which is not a URL", f"{DEBIAN}")
    return given or _own() or DEBIAN


def of(suite: str) -> str:
    """The URL for a suite's packages: the mirror, or Debian's archive of old releases if the mirror
    has no longer the suite.

    :raises ImageError: LABKERNEL_MIRROR is not a URL.
    """
    usual = url()
    return ARCHIVE if _has(usual, suite) is False and _has(ARCHIVE, suite) else usual


def answers(seconds: float) -> bool:
    """Check if the mirror answers within some seconds.

    :raises ImageError: LABKERNEL_MIRROR is not a URL.
    """
    from queue import Empty, SimpleQueue
    from threading import Thread

    replies: SimpleQueue[bool | None] = SimpleQueue()
    site = url()
    # the name's look-up has no time limit of its own
    Thread(target=lambda: replies.put(_has(site, "stable")), daemon=True).start()
    try:
        return replies.get(timeout=seconds) is not None
    except Empty:
        return False


def _has(site: str, suite: str) -> bool | None:
    """Check if a mirror has a suite; None if it does not answer: apt then reports why."""
    import urllib.error
    import urllib.request

    request = urllib.request.Request(f"{site.rstrip('/')}/dists/{suite}/Release", method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE):
            return True
    except urllib.error.HTTPError as error:
        return False if error.code in (404, 410) else None
    except (OSError, ValueError):
        return None


def _own() -> str:
    """The mirror of this machine's Debian; empty if it runs another system."""
    try:
        system = platform.freedesktop_os_release()
    except OSError:
        return ""
    if system.get("ID") != "debian" or "VERSION_CODENAME" not in system:
        return ""
    for line in _apt_targets().splitlines():
        site, release, origin = line.split(" ", 2)
        # unknown ("$(ORIGIN)") until apt has fetched its lists
        if release == system["VERSION_CODENAME"] and origin in ("Debian", "$(ORIGIN)"):
            return site if _URL.match(site) else ""
    return ""


def _apt_targets() -> str:
    """The sources of apt's lists, one "URL release origin" per line."""
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(ORIGIN)"]
    try:
        return subprocess.run(
            [*command, "Created-By: Packages"], capture_output=True, text=True, check=False
        ).stdout
    except FileNotFoundError:
        return ""
