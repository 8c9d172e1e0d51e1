"""Kutsu: recruitment marketing that can be believed."""

__version__ = "0.1.0"
