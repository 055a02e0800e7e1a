// Room for CommandLineTests.
