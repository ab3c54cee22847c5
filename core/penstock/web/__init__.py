"""The web server: a REST API and one stream of events over the service, and the built front end. Decides nothing itself."""
