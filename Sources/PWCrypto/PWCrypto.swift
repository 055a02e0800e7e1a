// Room for PWCrypto.
