"""Looking after calls: grids, evaluations, remarks, alerts. Never a ranking of people."""
