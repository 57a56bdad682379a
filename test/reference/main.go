// Command crd-watcher behaves as the Go reference implementation does towards
// the API server, so that this project can be tested against it: in the same
// cluster, in either role, without a copy of its code. What it does is known
// from its documentation and from its traffic with a genuine API server.
//
// It exits on every error, a conflict included, as the reference does.
package main

import (
	"flag"
	"os"
	"os/signal"
	"syscall"
	"time"

	"k8s.io/klog/v2"
)

func main() {
	mode := flag.String("mode", "director", "director or worker")
	kubeconfig := flag.String("kubeconfig", "", "path of a kubeconfig")
	master := flag.String("master", "", "URL of the API server; overrides the kubeconfig's")
	namespace := flag.String("namespace", "default", "where the director creates its request; both watch all namespaces")
	sleep := flag.Duration("sleep", 2*time.Second, "pause before each write; the reference's is fixed")
	flag.Parse()

	client, err := newClient(*master, *kubeconfig)
	if err != nil {
		klog.Fatalf("Cannot connect: %v", err)
	}
	stop := make(chan struct{})
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-signals
		close(stop)
	}()

	switch *mode {
	case "director":
		over := make(chan struct{})
		go func() {
			run(client, *sleep, direct, stop)
			close(over)
		}()
		// The list and the create cross: the one may show the other or not.
		if _, err := client.create(*namespace, newRequest(*namespace)); err != nil {
			klog.Fatalf("Cannot create a request: %v", err)
		}
		<-over
	case "worker":
		run(client, *sleep, work, stop)
	default:
		klog.Fatalf("Unknown mode %q", *mode)
	}
}
