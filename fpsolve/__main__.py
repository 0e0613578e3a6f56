"""Entry point of ``python -m fpsolve``, the same as the command ``fpsolve``."""

from fpsolve.cli import main

if __name__ == "__main__":
    main()
