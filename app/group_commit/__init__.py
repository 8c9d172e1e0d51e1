"""Commits for all who wait at a hot door, many in one statement: on a thread of its own, or in a process."""
