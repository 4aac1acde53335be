"""The site that the soak visits, with the middleware or without."""
