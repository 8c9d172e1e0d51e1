"""Kutsu: recruitment marketing that can be believed."""

import os

__version__ = "0.1.0"

# Before numpy is loaded: its matrices here are small, and threads that wait for parts of them burn a whole core.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
