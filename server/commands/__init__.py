"""Groups of commands of `muster`, a noun a module; `cli` puts them together."""
