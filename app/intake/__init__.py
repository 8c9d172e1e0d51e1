"""How it reaches us: observations sent to the API, and connections that pull from an applicant tracking system."""
