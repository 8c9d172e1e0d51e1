"""What the web door answers."""
