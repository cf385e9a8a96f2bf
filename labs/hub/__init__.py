"""A small hub before a registry: accounts, organizations, permissions, builds, webhooks and a web page.

It is a Django project of its own, which runs in the image `hub` and imports nothing else of `labs`. The registry behind
it is `distribution`: it sends clients here for a token, and tells here what was pushed.
"""
