"""Every word that people read: the language in force, labels and advice."""
