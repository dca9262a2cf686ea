"""The chain rule of a graph as equations, and how these are written."""
