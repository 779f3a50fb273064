"""What every kind of file becomes before anybody asks what it means: tables of text."""
