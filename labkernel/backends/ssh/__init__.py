"""Commands on a machine that is reached by SSH: what every backend of machines shares.

A command does not run in the session itself but under a *runner*, a few lines of bash that the
session starts with: so both streams stay in order, what the command leaves in the background is not
waited for, signals reach its whole process group, and it ends when the connection does.  A session
serves command after command, until one leaves something in the background that could write into
the output of the next: making a session takes a machine ten times as long as a command.
"""

from labkernel.backends.ssh.connections import Login
from labkernel.backends.ssh.machine import Machine

__all__ = ["Login", "Machine"]
