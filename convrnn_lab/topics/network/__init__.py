"""Inside a network: layers, attributions and errors."""
