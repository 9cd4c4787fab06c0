module keeps

go 1.27

require katydid v0.0.0

replace katydid => ../../../../guest-sdk/go
