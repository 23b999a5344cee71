"""Sign-off, mail and website: what happens to an issue after it is built."""
