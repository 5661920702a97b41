"""`make bench`: every measurement in one run, each as a ratio to the bare least beside it."""

from bench import engine, write_path

engine.main()
print()
write_path.main()
