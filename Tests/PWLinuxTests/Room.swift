// Room for PWLinuxTests.
