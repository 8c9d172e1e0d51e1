"""Tests of tasks and of the worker that does them."""
