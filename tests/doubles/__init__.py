"""Stand-ins of servers that penstock talks to, on loopback. Each behaves as its README says, and no further."""
