"""Computing a graph over the values of one or two variables, and what is told of it."""
