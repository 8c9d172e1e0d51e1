"""A synthetic city with known truth, and a stand-in for the ATS that it is pulled from."""
