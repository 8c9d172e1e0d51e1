"""The stand-in ATS and the synthetic city."""
