"""Command lines read by click: which words are the expression, values, options; it runs nothing."""
