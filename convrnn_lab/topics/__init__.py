"""One room a topic: its trace, its figure and its explorer."""
