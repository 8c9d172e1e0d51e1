"""Tests of the demo: the invented city and the stand-in ATS."""
