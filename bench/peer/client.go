package main

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

const resource = "requeststates"

// client is what client-go's generators make of the types: typed, JSON.
type client struct {
	rest      rest.Interface
	params    runtime.ParameterCodec
	namespace string
}

func newClient(kubeconfig, namespace string) (*client, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	scheme := newScheme()
	config.GroupVersion = &groupVersion
	config.APIPath = "/apis"
	config.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	config.QPS = -1 // no limit
	restClient, err := rest.RESTClientFor(config)
	if err != nil {
		return nil, err
	}
	return &client{rest: restClient, params: runtime.NewParameterCodec(scheme), namespace: namespace}, nil
}

func (c *client) update(ctx context.Context, object *requestState) (*requestState, error) {
	updated := &requestState{}
	err := c.rest.Put().Namespace(object.Namespace).Resource(resource).Name(object.Name).Body(object).Do(ctx).Into(updated)
	return updated, err
}

func (c *client) listWatch() cache.ListerWatcher {
	return &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			list := &requestStateList{}
			err := c.rest.Get().Namespace(c.namespace).Resource(resource).VersionedParams(&options, c.params).Do(ctx).Into(list)
			return list, err
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			options.Watch = true
			return c.rest.Get().Namespace(c.namespace).Resource(resource).VersionedParams(&options, c.params).Watch(ctx)
		},
	}
}
