"""The expression language: text to a checked tree, to Variables, with every error at its place."""
