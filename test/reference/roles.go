package main

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/uuid"
)

const (
	job1, job2                    = "JOB1", "JOB2"
	requested, started, completed = "REQUESTED", "STARTED", "COMPLETED"
)

// step is what a role makes of an object: where it moves it, or that the flow
// is over, or neither.
type step struct {
	job, state string
	over       bool
}

// direct knows no request of its own: the end of any flow is taken for the end
// of the one it has created.
func direct(spec requestStateSpec) (step, bool) {
	switch {
	case spec.Job == job1 && spec.State == completed:
		return step{job: job2, state: requested}, true
	case spec.Job == job2 && spec.State == completed:
		return step{over: true}, true
	}
	return step{}, false
}

// work answers whatever is requested or started, no matter by whom.
func work(spec requestStateSpec) (step, bool) {
	switch spec.State {
	case requested:
		return step{job: spec.Job, state: started}, true
	case started:
		return step{job: spec.Job, state: completed}, true
	}
	return step{}, false
}

func newRequest(namespace string) *requestState {
	uid := string(uuid.NewUUID())
	return &requestState{
		ObjectMeta: metav1.ObjectMeta{Name: uid, Namespace: namespace},
		Spec:       requestStateSpec{RequestUID: uid, Job: job1, State: requested},
	}
}

// leave moves an object on and records the state that it LEAVES.
func leave(object *requestState, to step, now time.Time) {
	object.Status.History = append(object.Status.History,
		historyEntry{Job: object.Spec.Job, State: object.Spec.State, Timestamp: now.String()})
	object.Spec.Job, object.Spec.State = to.job, to.state
}
