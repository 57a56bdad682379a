// What a controller on controller-runtime does, told line by line: nothing in a line differs between two right servers.
//
// It reads KUBECONFIG, installs a CRD, runs a manager with a cache, leader election, a finalizer, an owned ConfigMap that it
// applies, status updates and events, and removes what it has made.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	corev1apply "k8s.io/client-go/applyconfigurations/core/v1"
	metav1apply "k8s.io/client-go/applyconfigurations/meta/v1"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/util/retry"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

const finalizer = "runtime.example.com/finalizer"

var (
	run          = fmt.Sprintf("runtime-%d", time.Now().UnixNano())
	groupVersion = schema.GroupVersion{Group: "runtime.example.com", Version: "v1"}
)

type WidgetSpec struct {
	Size  int64  `json:"size"`
	Color string `json:"color,omitempty"`
}

type WidgetStatus struct {
	ObservedGeneration int64              `json:"observedGeneration,omitempty"`
	Conditions         []metav1.Condition `json:"conditions,omitempty"`
}

type Widget struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              WidgetSpec   `json:"spec"`
	Status            WidgetStatus `json:"status,omitempty"`
}

func (w *Widget) DeepCopyObject() runtime.Object {
	out := *w
	out.ObjectMeta = *w.ObjectMeta.DeepCopy()
	out.Status.Conditions = append([]metav1.Condition(nil), w.Status.Conditions...)
	return &out
}

type WidgetList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Widget `json:"items"`
}

func (l *WidgetList) DeepCopyObject() runtime.Object {
	out := *l
	out.Items = nil
	for i := range l.Items {
		out.Items = append(out.Items, *l.Items[i].DeepCopyObject().(*Widget))
	}
	return &out
}

// reconciler keeps a ConfigMap of each widget's name.
type reconciler struct {
	client.Client
	recorder events.EventRecorder
}

func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var widget Widget
	if err := r.Get(ctx, request.NamespacedName, &widget); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !widget.DeletionTimestamp.IsZero() {
		before := widget.DeepCopyObject().(*Widget)
		if controllerutil.RemoveFinalizer(&widget, finalizer) {
			r.recorder.Eventf(&widget, nil, corev1.EventTypeNormal, "Finalized", "Finalize", "The widget may go")
			return ctrl.Result{}, client.IgnoreNotFound(r.Patch(ctx, &widget, client.MergeFrom(before)))
		}
		return ctrl.Result{}, nil
	}
	if controllerutil.AddFinalizer(&widget, finalizer) {
		return ctrl.Result{}, r.Update(ctx, &widget)
	}
	owner := metav1apply.OwnerReference().WithAPIVersion(groupVersion.String()).WithKind("Widget").
		WithName(widget.Name).WithUID(widget.UID).WithController(true).WithBlockOwnerDeletion(true)
	owned := corev1apply.ConfigMap(widget.Name, widget.Namespace).WithOwnerReferences(owner).
		WithData(map[string]string{"size": fmt.Sprint(widget.Spec.Size), "color": widget.Spec.Color})
	if err := r.Apply(ctx, owned, client.FieldOwner("widgets"), client.ForceOwnership); err != nil {
		return ctrl.Result{}, err
	}
	if widget.Status.ObservedGeneration == widget.Generation {
		return ctrl.Result{}, nil
	}
	widget.Status.ObservedGeneration = widget.Generation
	widget.Status.Conditions = []metav1.Condition{{
		Type: "Ready", Status: metav1.ConditionTrue, Reason: "Applied", Message: "The ConfigMap is there",
		ObservedGeneration: widget.Generation, LastTransitionTime: metav1.Now(),
	}}
	r.recorder.Eventf(&widget, nil, corev1.EventTypeNormal, "Applied", "Apply", "The ConfigMap is there")
	return ctrl.Result{}, r.Status().Update(ctx, &widget)
}

func crd() *apiextensionsv1.CustomResourceDefinition {
	object := func(properties map[string]apiextensionsv1.JSONSchemaProps) apiextensionsv1.JSONSchemaProps {
		return apiextensionsv1.JSONSchemaProps{Type: "object", Properties: properties}
	}
	keep := apiextensionsv1.JSONSchemaProps{Type: "object", XPreserveUnknownFields: ptr.To(true)}
	condition := apiextensionsv1.JSONSchemaPropsOrArray{Schema: &keep}
	schema := object(map[string]apiextensionsv1.JSONSchemaProps{
		"spec": object(map[string]apiextensionsv1.JSONSchemaProps{
			"size":  {Type: "integer", Format: "int64", Minimum: ptr.To(1.0)},
			"color": {Type: "string", Default: &apiextensionsv1.JSON{Raw: []byte(`"red"`)}},
		}),
		"status": object(map[string]apiextensionsv1.JSONSchemaProps{
			"observedGeneration": {Type: "integer", Format: "int64"},
			"conditions":         {Type: "array", Items: &condition},
		}),
	})
	return &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: "widgets." + groupVersion.Group},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: groupVersion.Group,
			Scope: apiextensionsv1.NamespaceScoped,
			Names: apiextensionsv1.CustomResourceDefinitionNames{Plural: "widgets", Singular: "widget", Kind: "Widget", ListKind: "WidgetList"},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{
				Name: "v1", Served: true, Storage: true,
				Schema:       &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &schema},
				Subresources: &apiextensionsv1.CustomResourceSubresources{Status: &apiextensionsv1.CustomResourceSubresourceStatus{}},
			}},
		},
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func tell(title string, value any) {
	text, err := json.Marshal(value)
	check(err)
	fmt.Printf("%s: %s\n", title, strings.ReplaceAll(string(text), run, "NAMESPACE"))
}

func refused(title string, err error) {
	var code int32
	if status, is := err.(apierrors.APIStatus); is {
		code = status.Status().Code
	}
	tell(title, []any{code, apierrors.ReasonForError(err), fmt.Sprint(err)})
}

func managers(object client.Object) (found []string) {
	for _, each := range object.GetManagedFields() {
		found = append(found, strings.TrimSpace(fmt.Sprintf("%s %s %s", each.Manager, each.Operation, each.Subresource)))
	}
	sort.Strings(found)
	return found
}

func until(what string, is func() (bool, error)) {
	for end := time.Now().Add(40 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		ok, err := is()
		check(err)
		if ok {
			return
		}
		if time.Now().After(end) {
			check(fmt.Errorf("not within 40 s: %s", what))
		}
	}
}

func main() {
	log.SetLogger(zap.New(zap.WriteTo(os.Stderr)))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	scheme := runtime.NewScheme()
	check(clientgoscheme.AddToScheme(scheme))
	check(apiextensionsv1.AddToScheme(scheme))
	scheme.AddKnownTypes(groupVersion, &Widget{}, &WidgetList{})
	metav1.AddToGroupVersion(scheme, groupVersion)
	config := ctrl.GetConfigOrDie()
	direct, err := client.New(config, client.Options{Scheme: scheme})
	check(err)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: run}}
	check(direct.Create(ctx, namespace))
	definition := crd()
	check(direct.Create(ctx, definition))
	defer func() {
		check(direct.Delete(ctx, definition))
		check(direct.Delete(ctx, namespace))
	}()
	until("the CRD is served", func() (bool, error) {
		err := direct.List(ctx, &WidgetList{})
		if apierrors.IsNotFound(err) || apierrors.IsTooManyRequests(err) || meta.IsNoMatchError(err) {
			return false, nil
		}
		return err == nil, err
	})

	manager, err := ctrl.NewManager(config, ctrl.Options{
		Scheme: scheme, Metrics: metricsserver.Options{BindAddress: "0"}, HealthProbeBindAddress: "0",
		LeaderElection: true, LeaderElectionID: "widgets.runtime.example.com", LeaderElectionNamespace: run,
		LeaderElectionReleaseOnCancel: true,
	})
	check(err)
	check(ctrl.NewControllerManagedBy(manager).For(&Widget{}).Owns(&corev1.ConfigMap{}).
		Complete(&reconciler{manager.GetClient(), manager.GetEventRecorder("widgets")}))
	ended := make(chan error, 1)
	running, stop := context.WithCancel(ctx)
	go func() { ended <- manager.Start(running) }()
	<-manager.Elected()

	widget := &Widget{ObjectMeta: metav1.ObjectMeta{Name: "w", Namespace: run}, Spec: WidgetSpec{Size: 1}}
	key := client.ObjectKeyFromObject(widget)
	check(direct.Create(ctx, widget))
	var owned corev1.ConfigMap
	ready := func(generation int64) func() (bool, error) {
		return func() (bool, error) {
			err := direct.Get(ctx, key, widget)
			return widget.Status.ObservedGeneration == generation, err
		}
	}
	until("the widget is ready", ready(1))
	check(direct.Get(ctx, key, &owned))
	tell("reconciled", []any{widget.Spec, widget.Finalizers, widget.Generation, widget.Status.Conditions[0].Reason})
	tell("owned", []any{owned.Data, owned.OwnerReferences[0].Kind, *owned.OwnerReferences[0].Controller})
	tell("managers of the ConfigMap", managers(&owned))
	tell("managers of the widget", managers(widget))

	check(retry.RetryOnConflict(retry.DefaultRetry, func() error {
		check(direct.Get(ctx, key, widget))
		widget.Spec.Size = 2
		return direct.Update(ctx, widget)
	}))
	until("the change is observed", ready(2))
	check(direct.Get(ctx, key, &owned))
	tell("reconciled again", owned.Data)
	check(direct.Delete(ctx, &owned))
	until("what is deleted is made again", func() (bool, error) {
		was := owned.UID
		err := direct.Get(ctx, key, &owned)
		return err == nil && owned.UID != "" && (was != owned.UID), client.IgnoreNotFound(err)
	})
	tell("made again", owned.Data)
	until("the cache follows", func() (bool, error) {
		var cached Widget
		err := manager.GetClient().Get(ctx, key, &cached)
		return cached.ResourceVersion == widget.ResourceVersion, err
	})

	old := widget.DeepCopyObject().(*Widget)
	old.ResourceVersion = "1"
	refused("an update of an old version", direct.Update(ctx, old))
	refused("an update of its status", direct.Status().Update(ctx, old))
	optimistic := client.MergeFromWithOptimisticLock{}
	changed := old.DeepCopyObject().(*Widget)
	changed.Spec.Size = 9
	refused("a patch of an old version", direct.Patch(ctx, changed, client.MergeFromWithOptions(old, optimistic)))
	wrong := &Widget{ObjectMeta: metav1.ObjectMeta{Name: "x", Namespace: run}}
	refused("what is not valid", direct.Create(ctx, wrong))
	refused("in no namespace", direct.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "x", Namespace: "none-" + run}}))
	other := corev1apply.ConfigMap("w", run).WithData(map[string]string{"size": "3"})
	refused("an apply in conflict", direct.Apply(ctx, other, client.FieldOwner("other")))
	status := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": groupVersion.String(), "kind": "Widget", "metadata": map[string]any{"name": "w", "namespace": run},
		"status": map[string]any{"observedGeneration": int64(7)},
	}}
	check(direct.Status().Apply(ctx, client.ApplyConfigurationFromUnstructured(status), client.FieldOwner("status"), client.ForceOwnership))
	tell("a status that is applied", status.Object["status"].(map[string]any)["observedGeneration"])
	until("it is put right again", ready(2))
	dry := owned.DeepCopy()
	dry.Data = map[string]string{"only": "asked"}
	check(direct.Update(ctx, dry, client.DryRunAll))
	check(direct.Get(ctx, key, &owned))
	tell("a dry run", []any{dry.Data, owned.Data})

	selected := &corev1.ConfigMapList{}
	check(direct.List(ctx, selected, client.InNamespace(run), client.MatchingFields{"metadata.name": "w"}, client.Limit(1)))
	tell("selected by a field", len(selected.Items))
	until("the events are written", func() (bool, error) {
		var written corev1.EventList
		err := direct.List(ctx, &written, client.InNamespace(run), client.MatchingFields{"reason": "Applied"})
		return len(written.Items) > 0, err
	})
	check(direct.Delete(ctx, widget))
	until("the finalizer has been taken off", func() (bool, error) {
		err := direct.Get(ctx, key, widget)
		return apierrors.IsNotFound(err), client.IgnoreNotFound(err)
	})
	refused("gone", direct.Get(ctx, key, widget))
	check(direct.Create(ctx, &Widget{ObjectMeta: metav1.ObjectMeta{Name: "one", Namespace: run}, Spec: WidgetSpec{Size: 1}}))
	check(direct.DeleteAllOf(ctx, &Widget{}, client.InNamespace(run)))
	until("all are gone", func() (bool, error) {
		var left WidgetList
		err := direct.List(ctx, &left, client.InNamespace(run))
		return len(left.Items) == 0, err
	})
	stop()
	check(<-ended)
	tell("ended", true)
}
