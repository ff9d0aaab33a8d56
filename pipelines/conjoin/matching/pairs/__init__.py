"""From records to candidate pairs, their levels of agreement, and the weight of each."""
