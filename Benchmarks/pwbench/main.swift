print("pwbench")
