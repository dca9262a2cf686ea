"""What is risky in an expression or a graph though it computes: unstable forms and silent sums."""
