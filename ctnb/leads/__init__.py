"""What we want said: phones, e-mails, moments, rules and text become a plan. Nothing here does I/O."""
