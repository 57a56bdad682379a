// Command peer does the sample flow as a good Go developer would write it in an hour: an informer, a work queue, 16
// workers, full updates, no sleeps and no rate limit. It is what bench/flows.ts measures this project against.
package main

import (
	"context"
	"flag"
	"os"
	"os/signal"
	"syscall"

	"k8s.io/klog/v2"
)

func main() {
	mode := flag.String("mode", "director", "director or worker")
	kubeconfig := flag.String("kubeconfig", os.Getenv("KUBECONFIG"), "path of a kubeconfig")
	namespace := flag.String("namespace", os.Getenv("NAMESPACE"), "the namespace to follow")
	workers := flag.Int("workers", 16, "objects worked on at once")
	flag.Parse()

	r, known := map[string]role{"director": director, "worker": worker}[*mode]
	if !known {
		klog.Fatalf("Unknown mode %q: expected director or worker", *mode)
	}
	client, err := newClient(*kubeconfig, *namespace)
	if err != nil {
		klog.Fatalf("Cannot connect: %v", err)
	}
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	if err := run(ctx, client, r, *workers); err != nil {
		klog.Fatalf("Cannot run as %s: %v", *mode, err)
	}
}
