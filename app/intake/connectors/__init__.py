"""One package per applicant tracking system. A connector knows its vendor's protocol and nothing of our store."""
