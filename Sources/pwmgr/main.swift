PwmgrCommand.main()
