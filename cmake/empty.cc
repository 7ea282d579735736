// Keeps the library of a module that has no sources yet.
