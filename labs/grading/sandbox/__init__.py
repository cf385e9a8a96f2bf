"""Runs and judges one submission: kernel in a container, playground behind a gateway, checks in a process."""
