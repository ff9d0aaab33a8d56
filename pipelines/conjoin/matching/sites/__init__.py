"""From weighed pairs to sites: what may not be one, which id a site keeps, what a person should be asked."""
