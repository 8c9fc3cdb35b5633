"""``python -m skmask`` is the command ``skmask``."""

import sys

from skmask._cli.main import main

if __name__ == "__main__":
    sys.exit(main())
