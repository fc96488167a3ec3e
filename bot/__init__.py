"""People: command line, REPL, settings, wording. The only package that talks to anyone."""
