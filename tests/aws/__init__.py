"""A local AWS for the tests: moto, with overlays for what it gets wrong or lacks.

README in this folder explains how to use it.
"""
