"""See the package."""

import sys

from tests.javascript import main

sys.exit(main())
