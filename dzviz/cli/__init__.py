"""The command line: the only place that knows click, files and exit codes."""
