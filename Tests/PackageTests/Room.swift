// Room for PackageTests.
