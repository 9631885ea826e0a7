"""ip netns exec: ``with_netns.py IP``; runs /bin/true in a named network namespace for each line.

Answers with the exit code.
"""

import os
import subprocess
import sys

ip = sys.argv[1]
subprocess.run([ip, "netns", "add", "n1"], check=True)
for _ in sys.stdin:
    pid = os.posix_spawn(ip, [ip, "netns", "exec", "n1", "/bin/true"], os.environ)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
