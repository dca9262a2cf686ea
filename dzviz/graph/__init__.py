"""Graphs as plain data, and from Graph to Graph; it knows no engine, no word and no shape."""
