// Room for PWCryptoTests.
