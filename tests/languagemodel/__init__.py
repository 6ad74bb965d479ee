"""Language models: the endpoint, what holds of their texts, what they may write."""
