"""Speed as ratios within one run: `make bench` prints them against their targets."""
