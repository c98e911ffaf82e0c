"""`python -m web.cli`, for where the program is not installed."""

from web.cli import main

main()
