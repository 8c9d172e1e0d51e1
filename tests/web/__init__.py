"""The door: what goes over HTTP and how."""
