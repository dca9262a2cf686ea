"""Graphs in words and numbers; it knows no format and no shape."""
