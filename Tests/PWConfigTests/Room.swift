// Room for PWConfigTests.
