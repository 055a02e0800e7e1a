// Room for PWCoreTests.
