PlanePair.main()
