"""Who is it, and who may do what: accounts, access tokens, organizations, repositories, tokens of the registry."""
