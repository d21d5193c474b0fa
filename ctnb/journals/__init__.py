"""What the account holds: its journals of calls and requests, from files and from the vendor's methods."""
