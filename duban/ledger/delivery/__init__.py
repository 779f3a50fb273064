"""Notices from the entry that wants them to the message that carries them."""
