"""Tests of `app.measurement`, and the simulated campaigns they and the proofs share."""
