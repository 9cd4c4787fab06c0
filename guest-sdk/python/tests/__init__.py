"""Unit tests of the SDK, with plain Python: `python3 -m unittest` in the folder above."""
