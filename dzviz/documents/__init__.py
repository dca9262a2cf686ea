"""Command lines inside documents; it knows neither terminals nor exit codes."""
