package main

import (
	"fmt"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"
)

const (
	resync  = 30 * time.Second
	threads = 2
)

// run follows all namespaces and applies a role to every object, until stop is
// closed or the role says that the flow is over.
func run(c *client, sleep time.Duration, role func(requestStateSpec) (step, bool), stop <-chan struct{}) {
	queue := workqueue.NewRateLimitingQueue(workqueue.DefaultControllerRateLimiter())
	enqueue := func(object interface{}) {
		key, err := cache.DeletionHandlingMetaNamespaceKeyFunc(object)
		if err != nil {
			klog.Fatalf("Cannot name an object: %v", err)
		}
		queue.Add(key)
	}
	var following sync.Once
	watchAndSay := func(options metav1.ListOptions) (watch.Interface, error) {
		events, err := c.watch(options)
		if err == nil {
			following.Do(func() { fmt.Println("Following", resource) }) // for whoever has to wait for it
		}
		return events, err
	}
	informer := cache.NewSharedIndexInformer(
		&cache.ListWatch{ListFunc: c.list, WatchFunc: watchAndSay}, &requestState{}, resync, cache.Indexers{})
	if _, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    enqueue,
		UpdateFunc: func(_, object interface{}) { enqueue(object) },
		DeleteFunc: enqueue,
	}); err != nil {
		klog.Fatalf("Cannot follow %s: %v", resource, err)
	}
	informerStop := make(chan struct{})
	go informer.Run(informerStop)
	if !cache.WaitForCacheSync(stop, informer.HasSynced) {
		return
	}

	over := make(chan struct{})
	var once sync.Once
	process := func(key string) {
		object, exists, err := informer.GetIndexer().GetByKey(key)
		if err != nil {
			klog.Fatalf("Cannot read %s from the cache: %v", key, err)
		}
		if !exists {
			return
		}
		current := object.(*requestState).deepCopy()
		next, ok := role(current.Spec)
		if !ok {
			return
		}
		time.Sleep(sleep)
		if next.over {
			once.Do(func() { close(over) })
			return
		}
		leave(current, next, time.Now())
		if _, err := c.update(current); err != nil {
			klog.Fatalf("Cannot update %s: %v", key, err)
		}
	}
	for i := 0; i < threads; i++ {
		go func() {
			for {
				key, shutdown := queue.Get()
				if shutdown {
					return
				}
				process(key.(string))
				queue.Forget(key)
				queue.Done(key)
			}
		}()
	}
	select {
	case <-over:
	case <-stop:
	}
	queue.ShutDown()
	close(informerStop)
}
