"""Where graphs come from; nothing after it knows which source made one."""
