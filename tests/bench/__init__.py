"""Speed as ratios within one run: `make bench` prints them against their targets."""

import app as _app  # noqa: F401  (before numpy, so that one thread does its algebra as in production)
