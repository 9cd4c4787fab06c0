module scenario

go 1.27

require katydid v0.0.0

// The SDK of the katydid that made this folder; `katydid build` needs nothing from elsewhere.
replace katydid => ./sdk
