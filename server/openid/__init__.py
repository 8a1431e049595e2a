"""An OpenID Connect provider as this server needs it: signing people in, and reading tokens that it issued."""
