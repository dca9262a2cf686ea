"""Two graphs side by side: which nodes are the same, and where the graphs first differ."""
