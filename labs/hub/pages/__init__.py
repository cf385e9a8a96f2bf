"""The pages for people. They hold no logic: what they do is in the other packages, for the API too."""
