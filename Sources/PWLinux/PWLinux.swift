// Room for PWLinux.
