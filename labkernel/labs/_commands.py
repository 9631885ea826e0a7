"""Commands that the steps of several labs run."""


def stop(pidfile: str) -> str:
    """The command that ends a daemon and waits for its end; nothing if it does not run."""
    return f"start-stop-daemon --stop --quiet --oknodo --retry 5 --pidfile {pidfile}"
