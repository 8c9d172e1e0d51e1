"""Tests of the operator's verbs."""
