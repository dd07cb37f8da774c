"""A local AWS for the tests: moto, with what it gets wrong or lacks laid over it.

How it is used is written in README beside this file.
"""
