"""One function, one user intention: what the windows (CLI, web) call, and nothing deeper."""
