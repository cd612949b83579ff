from notification.main import main

main()
