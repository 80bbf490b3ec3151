"""Speed and memory against the alternatives, measured in one run: ``make bench``."""
