"""What Python and notebooks call; it knows neither terminals nor exit codes."""
