"""What is numerically risky in an expression or a graph: unstable forms and unintended sums."""
