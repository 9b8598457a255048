"""The forms in which declarations are written, and the fields they are made of."""
