"""Runs the cases of the DMN Technology Compatibility Kit that lie in a folder."""
