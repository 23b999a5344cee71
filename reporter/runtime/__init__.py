"""Means of running a build: cache, whole files, processes, progress."""
