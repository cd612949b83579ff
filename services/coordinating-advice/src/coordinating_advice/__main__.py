from coordinating_advice.main import main

main()
