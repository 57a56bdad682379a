package main

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var groupVersion = schema.GroupVersion{Group: "com.redhat.ecosystem.sample", Version: "v1"}

// requestState has the reference's fields and no others.
type requestState struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              requestStateSpec   `json:"spec"`
	Status            requestStateStatus `json:"status"`
}

type requestStateSpec struct {
	RequestUID string `json:"request-uid"`
	Job        string `json:"job"`
	State      string `json:"state"`
}

type requestStateStatus struct {
	History []historyEntry `json:"history,omitempty"`
}

type historyEntry struct {
	Job       string `json:"job"`
	State     string `json:"state"`
	Timestamp string `json:"timestamp"`
}

type requestStateList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []requestState `json:"items"`
}

func (in *requestState) DeepCopyObject() runtime.Object { return in.deepCopy() }

func (in *requestState) deepCopy() *requestState {
	out := *in
	in.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	out.Status.History = append([]historyEntry(nil), in.Status.History...)
	return &out
}

func (in *requestStateList) DeepCopyObject() runtime.Object {
	out := *in
	in.ListMeta.DeepCopyInto(&out.ListMeta)
	out.Items = make([]requestState, len(in.Items))
	for i := range in.Items {
		out.Items[i] = *in.Items[i].deepCopy()
	}
	return &out
}

func newScheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	scheme.AddKnownTypeWithName(groupVersion.WithKind("RequestState"), &requestState{})
	scheme.AddKnownTypeWithName(groupVersion.WithKind("RequestStateList"), &requestStateList{})
	metav1.AddToGroupVersion(scheme, groupVersion)
	return scheme
}
