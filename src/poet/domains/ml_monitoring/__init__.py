"""The domain of ML monitoring: drift of data, of predictions and of a model's performance."""
