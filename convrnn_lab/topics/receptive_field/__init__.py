"""What a value can see: by formula and by gradient."""
