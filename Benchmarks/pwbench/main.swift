PWBench.main()
