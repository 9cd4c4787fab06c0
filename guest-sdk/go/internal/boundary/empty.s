// Lets a function have its body elsewhere.
