"""The deliveries of the invented industry: what each party knows, written as its declaration reads it."""
