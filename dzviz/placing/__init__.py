"""Scenes in DOT, and with the places that an engine gives their shapes; no way of drawing them."""
