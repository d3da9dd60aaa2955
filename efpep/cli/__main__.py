"""``python -m efpep.cli``."""

import sys

from efpep.cli.main import main

sys.exit(main())
