// kube holds the parts of a small Kubernetes in one program: its first argument names the part to run. One program
// links once and shares the packages that all parts have in common, where six programs would link six times.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

type part struct {
	// program is the name that the part gives itself in logs and usage texts.
	program string
	command func() *cobra.Command
}

var parts = map[string]part{
	"etcd":               {"etcd", newEtcdCommand},
	"apiserver":          {"kube-apiserver", apiserver.NewAPIServerCommand},
	"controller-manager": {"kube-controller-manager", controllers.NewControllerManagerCommand},
	"scheduler":          {"kube-scheduler", func() *cobra.Command { return scheduler.NewSchedulerCommand() }},
	"kubelet":            {"kubelet", func() *cobra.Command { return kubelet.NewKubeletCommand(context.Background()) }},
	"proxy":              {"kube-proxy", proxy.NewProxyCommand},
	"kubectl":            {"kubectl", kubectl.NewDefaultKubectlCommand},
}

func main() {
	name, arguments := choose(os.Args)
	chosen, known := parts[name]
	if !known {
		fmt.Fprintf(os.Stderr, "usage: kube PART [flags], where PART is one of: %s\n", strings.Join(names(), " "))
		os.Exit(2)
	}
	os.Args = append([]string{chosen.program}, arguments...)
	os.Exit(cli.Run(chosen.command()))
}

// choose takes the part from the program's own name if a link such as "kubectl" or "kube-scheduler" was called, and
// from the first argument otherwise.
func choose(args []string) (string, []string) {
	called := strings.TrimPrefix(filepath.Base(args[0]), "kube-")
	if _, known := parts[called]; known {
		return called, args[1:]
	}
	if len(args) < 2 {
		return "", nil
	}
	return args[1], args[2:]
}

func names() []string {
	all := make([]string, 0, len(parts))
	for name := range parts {
		all = append(all, name)
	}
	sort.Strings(all)
	return all
}
