"""What we intend: personas, claims, campaigns, assets, channels, placements, jobs, and their tracking codes."""
