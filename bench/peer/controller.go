package main

import (
	"context"
	"sync"

	"k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"
)

// role is what a process does about a request.
type role struct {
	// due says whether an object, as the cache shows it, calls for this role.
	due func(object *requestState, initial bool) bool
	// act moves it on. It owns the object.
	act func(ctx context.Context, c *client, object *requestState) error
}

// run follows the namespace and applies a role to every object that calls for it, until ctx ends.
func run(ctx context.Context, c *client, r role, workers int) error {
	queue := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[cache.ObjectName]())
	informer := cache.NewSharedIndexInformer(c.listWatch(), &requestState{}, 0, cache.Indexers{})
	// Half of an object's bytes, and nobody reads them. An update without them leaves them as they are.
	if err := informer.SetTransform(func(object any) (any, error) {
		if request, ok := object.(*requestState); ok {
			request.ManagedFields = nil
		}
		return object, nil
	}); err != nil {
		return err
	}
	enqueue := func(object any, initial bool) {
		if request, ok := object.(*requestState); ok && r.due(request, initial) {
			queue.Add(cache.ObjectName{Namespace: request.Namespace, Name: request.Name})
		}
	}
	if _, err := informer.AddEventHandler(cache.ResourceEventHandlerDetailedFuncs{
		AddFunc:    enqueue,
		UpdateFunc: func(_, object any) { enqueue(object, false) },
	}); err != nil {
		return err
	}
	go informer.RunWithContext(ctx)
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		return ctx.Err()
	}

	process := func(key cache.ObjectName) {
		defer queue.Done(key)
		object, exists, err := informer.GetIndexer().GetByKey(key.String())
		if err == nil && exists {
			err = r.act(ctx, c, object.(*requestState).deepCopy())
		}
		switch {
		// The cache was behind: the watch brings what became of it, and calls again where that is due.
		case err == nil, errors.IsConflict(err), errors.IsNotFound(err):
			queue.Forget(key)
		default:
			klog.ErrorS(err, "Trying again", "object", key)
			queue.AddRateLimited(key)
		}
	}
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for {
				key, shutdown := queue.Get()
				if shutdown {
					return
				}
				process(key)
			}
		})
	}
	<-ctx.Done()
	queue.ShutDown()
	group.Wait()
	return nil
}
