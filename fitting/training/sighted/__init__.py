"""Training the open regressor on synthetic pictures: the trunk that looks, joined to the trained lifter."""
