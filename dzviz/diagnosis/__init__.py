"""What happened to the gradients of a graph, of whatever source: why they are what they are."""
