package main

import (
	"context"
	"time"
)

const (
	job1, job2                    = "JOB1", "JOB2"
	requested, started, completed = "REQUESTED", "STARTED", "COMPLETED"
)

// director sends a request whose first job is done to its second one.
var director = role{
	due: func(object *requestState, _ bool) bool {
		return object.Spec.Job == job1 && object.Spec.State == completed
	},
	act: func(ctx context.Context, c *client, object *requestState) error {
		if object.Spec.Job != job1 || object.Spec.State != completed {
			return nil
		}
		enter(object, job2, requested)
		_, err := c.update(ctx, object)
		return err
	},
}

// worker claims a requested job and reports it done. What was started before this process was, is finished by it, too.
var worker = role{
	due: func(object *requestState, initial bool) bool {
		return object.Spec.State == requested || initial && object.Spec.State == started
	},
	act: func(ctx context.Context, c *client, object *requestState) error {
		var err error
		if object.Spec.State == requested {
			enter(object, object.Spec.Job, started)
			if object, err = c.update(ctx, object); err != nil {
				return err
			}
			object.ManagedFields = nil
		}
		if object.Spec.State != started {
			return nil
		}
		enter(object, object.Spec.Job, completed)
		_, err = c.update(ctx, object)
		return err
	},
}

// enter moves an object on and records, as the reference does, the state that it leaves.
func enter(object *requestState, job, state string) {
	object.Status.History = append(object.Status.History,
		historyEntry{Job: object.Spec.Job, State: object.Spec.State, Timestamp: time.Now().String()})
	object.Spec.Job, object.Spec.State = job, state
}
