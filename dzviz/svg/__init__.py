"""Placed scenes as SVG, and what SVG becomes: films, pixels, pages of PDF."""
