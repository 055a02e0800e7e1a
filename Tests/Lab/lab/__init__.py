"""The laboratory: a virtual machine with a stock kernel, and the parts that scenarios are built from."""
