"""The run store: the one truth of what happened. Knows no tool and plans nothing."""
