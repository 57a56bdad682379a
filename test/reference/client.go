package main

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

const resource = "requeststates"

// client is what client-go's generators make of the types: typed, JSON, with
// client-go's default limits (5 requests a second, bursts of 10).
type client struct {
	rest   rest.Interface
	params runtime.ParameterCodec
}

func newClient(master, kubeconfig string) (*client, error) {
	config, err := clientcmd.BuildConfigFromFlags(master, kubeconfig)
	if err != nil {
		return nil, err
	}
	scheme := newScheme()
	config.GroupVersion = &groupVersion
	config.APIPath = "/apis"
	config.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	config.UserAgent = rest.DefaultKubernetesUserAgent()
	restClient, err := rest.RESTClientFor(config)
	if err != nil {
		return nil, err
	}
	return &client{rest: restClient, params: runtime.NewParameterCodec(scheme)}, nil
}

func (c *client) create(namespace string, object *requestState) (*requestState, error) {
	created := &requestState{}
	err := c.rest.Post().Namespace(namespace).Resource(resource).Body(object).Do(context.TODO()).Into(created)
	return created, err
}

func (c *client) update(object *requestState) (*requestState, error) {
	updated := &requestState{}
	err := c.rest.Put().Namespace(object.Namespace).Resource(resource).Name(object.Name).Body(object).
		Do(context.TODO()).Into(updated)
	return updated, err
}

func (c *client) list(options metav1.ListOptions) (runtime.Object, error) {
	list := &requestStateList{}
	err := c.rest.Get().Resource(resource).VersionedParams(&options, c.params).Timeout(timeoutOf(options)).
		Do(context.TODO()).Into(list)
	return list, err
}

func (c *client) watch(options metav1.ListOptions) (watch.Interface, error) {
	options.Watch = true
	return c.rest.Get().Resource(resource).VersionedParams(&options, c.params).Timeout(timeoutOf(options)).
		Watch(context.TODO())
}

func timeoutOf(options metav1.ListOptions) time.Duration {
	if options.TimeoutSeconds == nil {
		return 0
	}
	return time.Duration(*options.TimeoutSeconds) * time.Second
}
