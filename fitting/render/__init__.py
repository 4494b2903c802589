"""Bodies to pictures: camera maths, shading, and the one renderer of the process."""
