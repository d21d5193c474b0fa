"""Looking at it: plots and progress."""
