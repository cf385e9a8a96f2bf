"""Ways to run many submissions: worker processes on this machine, or jobs on a swarm."""
