module katydid

go 1.27
