"""What every figure is made of: panels, parts and the theme."""
