"""Fuzzing: what is made at random, what is tried with it, and what is kept of it."""
