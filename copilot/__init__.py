"""What happens in and after a call: events, bus, session, suggestions, drafts, delivery, store."""
