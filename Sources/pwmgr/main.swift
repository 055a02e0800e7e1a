print("pwmgr")
