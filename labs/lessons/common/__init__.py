"""What the checks of several lessons look at."""
