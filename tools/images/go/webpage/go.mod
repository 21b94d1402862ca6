module pods.local/webpage

go 1.24
