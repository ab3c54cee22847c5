"""What every room and every integration needs from the machine, one home each: private files, redaction, terminal text, YAML.

Stands on `penstock.errors` alone; knows no project and no tool.
"""
