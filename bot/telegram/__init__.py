"""The Telegram bot. The only package that imports the library `telegram`."""
