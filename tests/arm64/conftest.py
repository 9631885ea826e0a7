"""An emulated arm64 machine takes root to make it."""

import os

collect_ignore_glob = [] if os.geteuid() == 0 else ["test_*.py"]
