"""The web server, in this process and on a loopback port."""
