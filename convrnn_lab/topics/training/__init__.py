"""Training by a button, of images and sequences."""
