"""A synthetic city with known truth, and a stand-in for the applicant tracking system that it is pulled from."""
