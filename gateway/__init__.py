"""What is said to the outside about money."""
