"""Computing a graph over the values of one or two variables, and what is said about it."""
