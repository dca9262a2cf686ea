"""Losses: one number that says how far a prediction is off."""
