package main

import (
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/embed"
)

// newEtcdCommand runs one etcd member until it is told to end. Its settings come from a file in etcd's own format.
func newEtcdCommand() *cobra.Command {
	var file string
	command := &cobra.Command{
		Use:          "etcd --config-file FILE",
		SilenceUsage: true,
		RunE:         func(*cobra.Command, []string) error { return runEtcd(file) },
	}
	command.Flags().StringVar(&file, "config-file", "", "settings of the member, in YAML")
	_ = command.MarkFlagRequired("config-file")
	return command
}

func runEtcd(file string) error {
	config, err := embed.ConfigFromFile(file)
	if err != nil {
		return err
	}
	// Asked for before the start, which takes a while, so that no signal is lost.
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM)
	member, err := embed.StartEtcd(config)
	if err != nil {
		return err
	}
	defer member.Close()
	select {
	case err := <-member.Err():
		return err
	case <-member.Server.StopNotify():
		return errors.New("etcd ended by itself")
	case <-stop:
		return nil
	}
}
