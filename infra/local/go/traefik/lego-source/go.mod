// Verifies, by its go.sum, the release of lego that the build copies before it takes the DNS providers out.
module lego-source

go 1.26.0

require github.com/go-acme/lego/v5 v5.4.1
