"""`python -m bot` is `xunzhang`."""

from bot.cli import main

if __name__ == "__main__":
    main()
