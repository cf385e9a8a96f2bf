"""`python -m labs.cli`, for where the `labs` script is not on PATH."""

from labs.cli import main

main()
