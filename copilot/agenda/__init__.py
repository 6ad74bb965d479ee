"""Appointments: which times are free, who has which, and the calendars that are told."""
