"""`python -m app` is `kutsu`."""

from app.cli import run

run()
