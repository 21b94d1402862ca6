// registry is the CNCF Distribution image registry that keeps its images in files. Upstream's own program also
// carries three cloud providers' storage clients, which are most of what it takes to compile.
package main

import (
	"os"

	"github.com/distribution/distribution/v3/registry"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/filesystem"
)

func main() {
	if err := registry.RootCmd.Execute(); err != nil {
		os.Exit(1)
	}
}
