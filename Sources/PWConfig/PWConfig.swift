// Room for PWConfig.
