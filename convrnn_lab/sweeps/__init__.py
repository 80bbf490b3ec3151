"""One notebook over a grid of parameters: plan, folder, pool, table and index."""
