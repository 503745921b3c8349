"""The way: the Faust app, the batch transport, the pure stages."""
