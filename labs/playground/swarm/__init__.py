"""The swarm that a playground's nodes form: formed, looked at, published, kept serving."""
