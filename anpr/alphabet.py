"""The characters the reader knows, in the order of the network's outputs; output 0 is the blank between them."""

from declarations.plates import CN_PROVINCES, CN_SUFFIXES

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" + CN_PROVINCES + CN_SUFFIXES + "使"
