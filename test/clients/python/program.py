"""What programs on the official Python client do, told line by line: nothing in a line differs between two right servers.

It reads KUBECONFIG, makes a namespace and a CRD of its own, and removes both.
"""

import json
import logging
import sys
import threading
import time
import uuid
from datetime import datetime, timezone

from kubernetes import client, config, dynamic, utils, watch
from kubernetes.client.exceptions import ApiException
from kubernetes.dynamic.exceptions import ConflictError, NotFoundError
from kubernetes.informer import SharedInformer
from kubernetes.leaderelection.electionconfig import Config
from kubernetes.leaderelection.leaderelection import LeaderElection
from kubernetes.leaderelection.resourcelock.leaselock import LeaseLock

for quiet in ("leaderelection", "kubernetes.informer.informer"):
    logging.getLogger(quiet).setLevel(logging.CRITICAL)  # stopping an informer is a broken connection to it
config.load_kube_config()
core, apps, custom = client.CoreV1Api(), client.AppsV1Api(), client.CustomObjectsApi()
namespace = "python-" + uuid.uuid4().hex[:8]
group = namespace + ".example.com"


def told(title, value):
    print(f"{title}: {json.dumps(value, sort_keys=True).replace(namespace, 'NAMESPACE')}", flush=True)


def refused(title, call):
    """Tells of what the server refuses; that it does not is told, too."""
    try:
        call()
        told(title, "accepted")
    except ApiException as error:
        body = json.loads(error.body)
        told(title, [error.status, body["reason"], body["message"]])


def until(condition, what):
    """Asks again until it is so: what is awaited is on the other side of a socket."""
    end = time.monotonic() + 20
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"not within 20 s: {what}")
        time.sleep(0.02)


def managers(metadata):
    fields = metadata.managed_fields if isinstance(metadata, client.V1ObjectMeta) else metadata.managedFields
    return [[each.manager, each.operation] for each in fields or []]


def config_maps():
    body = client.V1ConfigMap(metadata=client.V1ObjectMeta(name="a", labels={"app": "x"}), data={"one": "1", "two": "2"})
    made = core.create_namespaced_config_map(namespace, body)
    told("created", [made.data, made.metadata.creation_timestamp.tzinfo is not None])
    for index in range(3):
        core.create_namespaced_config_map(namespace, {"metadata": {"name": f"page-{index}", "labels": {"page": "y"}}})
    page = core.list_namespaced_config_map(namespace, label_selector="page in (y)", limit=2)
    rest = core.list_namespaced_config_map(namespace, label_selector="page in (y)", limit=2, _continue=page.metadata._continue)
    told("pages", [[each.metadata.name for each in got.items] for got in (page, rest)])
    told("left after the first page", page.metadata.remaining_item_count)
    refused("created twice", lambda: core.create_namespaced_config_map(namespace, body))
    made.metadata.resource_version = "1"
    refused("replaced at an old version", lambda: core.replace_namespaced_config_map("a", namespace, made))
    refused("read what is not there", lambda: core.read_namespaced_config_map("none", namespace))
    refused("a wrong selector", lambda: core.list_namespaced_config_map(namespace, label_selector="a in"))


def patches():
    patch = core.patch_namespaced_config_map
    types = {
        "json": ("application/json-patch+json", [{"op": "replace", "path": "/data/one", "value": "json"}]),
        "merge": ("application/merge-patch+json", {"data": {"two": None, "three": "merge"}}),
        "strategic": ("application/strategic-merge-patch+json", {"metadata": {"finalizers": ["example.com/a"]}}),
        "apply": (
            "application/apply-patch+yaml",
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"four": "apply"}},
        ),
    }
    for title, (content_type, body) in types.items():
        manager = {"field_manager": "applier", "force": True} if title == "apply" else {}
        got = patch("a", namespace, body, _content_type=content_type, **manager)
        told(f"patched, {title}", [got.data, got.metadata.finalizers, managers(got.metadata)])
    refused("a test that fails", lambda: patch("a", namespace, [{"op": "test", "path": "/data/one", "value": "no"}]))
    core.delete_namespaced_config_map("a", namespace)
    told("held by a finalizer", core.read_namespaced_config_map("a", namespace).metadata.deletion_timestamp is not None)
    patch("a", namespace, {"metadata": {"finalizers": None}}, _content_type="application/merge-patch+json")
    refused("gone", lambda: core.read_namespaced_config_map("a", namespace))


def watches():
    version = core.list_namespaced_config_map(namespace).metadata.resource_version
    core.create_namespaced_config_map(namespace, {"metadata": {"name": "watched"}})
    core.patch_namespaced_config_map("watched", namespace, {"data": {"k": "v"}})
    core.delete_namespaced_config_map("watched", namespace)
    seen = []
    stream = watch.Watch()
    for event in stream.stream(core.list_namespaced_config_map, namespace, resource_version=version, timeout_seconds=30):
        seen.append([event["type"], event["object"].metadata.name, event["object"].data])
        if event["type"] == "DELETED":
            stream.stop()
    told("watched", seen)
    began = time.monotonic()
    empty = [each["type"] for each in watch.Watch().stream(core.list_namespaced_secret, namespace, timeout_seconds=1)]
    told("a watch ends after timeoutSeconds", [empty, time.monotonic() - began < 15])


def informers():
    informer, heard = SharedInformer(core.list_namespaced_config_map, namespace=namespace, label_selector="inform=yes"), []
    for kind in ("ADDED", "MODIFIED", "DELETED"):
        informer.add_event_handler(kind, lambda each, kind=kind: heard.append([kind, each.metadata.name]))
    core.create_namespaced_config_map(namespace, {"metadata": {"name": "i", "labels": {"inform": "yes"}}})
    informer.start()
    until(lambda: heard, "the informer has listed")
    core.patch_namespaced_config_map("i", namespace, {"data": {"k": "v"}})
    until(lambda: len(heard) == 2, "the informer has heard of a change")
    told("cached", [each.data for each in informer.cache.list()])
    core.patch_namespaced_config_map("i", namespace, {"metadata": {"labels": {"inform": "no"}}})
    until(lambda: len(heard) == 3, "what does not match any more is gone for it")
    told("informed", heard)
    informer.stop()


def custom_objects():
    schema = {
        "type": "object",
        "properties": {
            "spec": {"type": "object", "properties": {"size": {"type": "integer", "minimum": 1}, "color": {"type": "string", "default": "red"}}},
            "status": {"type": "object", "properties": {"ready": {"type": "boolean"}, "replicas": {"type": "integer"}}},
        },
    }
    version = {
        "name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema},
        "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.size", "statusReplicasPath": ".status.replicas"}},
    }
    names = {"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList", "shortNames": ["wg"]}
    spec = {"group": group, "scope": "Namespaced", "names": names, "versions": [version]}
    manifest = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": f"widgets.{group}"}, "spec": spec}
    extensions = client.ApiextensionsV1Api()
    utils.create_from_dict(client.ApiClient(), manifest)

    def established():
        conditions = extensions.read_custom_resource_definition(f"widgets.{group}").status.conditions or []
        return any(each.type == "Established" and each.status == "True" for each in conditions)

    until(established, "the CRD is established")

    def listed():
        try:
            return custom.list_namespaced_custom_object(group, "v1", namespace, "widgets") is not None
        except ApiException as error:
            if error.status not in (404, 429):
                raise
            return False

    until(listed, "the new resource is served")
    place = (group, "v1", namespace, "widgets")
    widget = {"apiVersion": f"{group}/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": {"size": 1, "unknown": 1}}
    got = custom.create_namespaced_custom_object(*place, widget)
    told("defaults and pruning", got["spec"])
    refused("validated", lambda: custom.create_namespaced_custom_object(*place, {**widget, "spec": {"size": 0}}))
    got = custom.patch_namespaced_custom_object(*place, "w", {"spec": {"size": 2}})
    told("patched", [got["spec"], got["metadata"]["generation"]])
    got = custom.patch_namespaced_custom_object_status(*place, "w", {"status": {"ready": True}, "spec": {"size": 9}})
    told("only the status", [got["spec"], got["status"], got["metadata"]["generation"]])
    scale = custom.patch_namespaced_custom_object_scale(*place, "w", {"spec": {"replicas": 4}})
    told("scaled", [scale["kind"], scale["spec"], scale["status"]])
    got["spec"]["color"] = "blue"
    refused("replaced at an old version", lambda: custom.replace_namespaced_custom_object(*place, "w", got))


def dynamic_client():
    kinds = dynamic.DynamicClient(client.ApiClient())
    widgets = kinds.resources.get(api_version=f"{group}/v1", kind="Widget")
    told("discovered", [widgets.name, widgets.namespaced, sorted(widgets.verbs), sorted(widgets.subresources)])
    body = {"apiVersion": f"{group}/v1", "kind": "Widget", "metadata": {"name": "s"}, "spec": {"size": 1}}
    got = widgets.server_side_apply(body, namespace=namespace, field_manager="one")
    told("applied", [got.spec.to_dict(), managers(got.metadata)])
    body["spec"]["size"] = 2
    try:
        widgets.server_side_apply(body, namespace=namespace, field_manager="two")
        told("conflict", "accepted")
    except ConflictError as error:
        told("conflict", json.loads(error.body)["details"]["causes"])
    got = widgets.server_side_apply(body, namespace=namespace, field_manager="two", force_conflicts=True)
    told("forced", [got.spec.to_dict(), managers(got.metadata)])
    got = widgets.status.patch(
        body={"status": {"ready": True}}, name="s", namespace=namespace, content_type="application/merge-patch+json"
    )
    told("status", got.status.to_dict())
    seen = []
    for event in widgets.watch(namespace=namespace, name="s", timeout=20):
        seen.append([event["type"], event["raw_object"]["spec"]["size"]])
        if event["type"] == "DELETED":
            break
        widgets.delete(name="s", namespace=namespace)
    told("watched", seen)
    try:
        widgets.get(name="s", namespace=namespace)
    except NotFoundError as error:
        told("gone", error.summary().splitlines()[0])
    told("other kinds", kinds.resources.get(api_version="v1", kind="Namespace").get(name=namespace).metadata.name)


def workloads():
    labels = {"app": "web"}
    container = client.V1Container(name="web", image="nginx", ports=[client.V1ContainerPort(container_port=80)])
    template = client.V1PodTemplateSpec(metadata=client.V1ObjectMeta(labels=labels), spec=client.V1PodSpec(containers=[container]))
    spec = client.V1DeploymentSpec(replicas=2, selector=client.V1LabelSelector(match_labels=labels), template=template)
    made = apps.create_namespaced_deployment(namespace, client.V1Deployment(metadata=client.V1ObjectMeta(name="web"), spec=spec))
    told("defaults of a deployment", [made.spec.strategy.type, made.spec.template.spec.restart_policy, made.spec.revision_history_limit])
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "side", "image": "busybox"}]}}}}
    got = apps.patch_namespaced_deployment("web", namespace, patch, _content_type="application/strategic-merge-patch+json")
    told("merged by name", sorted(each.name for each in got.spec.template.spec.containers))
    told("scaled", apps.patch_namespaced_deployment_scale("web", namespace, {"spec": {"replicas": 5}}).spec.replicas)
    refused(
        "immutable",
        lambda: apps.patch_namespaced_deployment(
            "web", namespace, {"spec": {"selector": {"matchLabels": {"app": "other"}}}}, _content_type="application/merge-patch+json"
        ),
    )
    attributes = client.V1ResourceAttributes(verb="create", resource="pods", namespace=namespace)
    review = client.V1SelfSubjectAccessReview(spec=client.V1SelfSubjectAccessReviewSpec(resource_attributes=attributes))
    told("allowed", client.AuthorizationV1Api().create_self_subject_access_review(review).status.allowed)


def events():
    about = client.V1ObjectReference(api_version="v1", kind="Namespace", name=namespace, namespace=namespace)
    event = client.CoreV1Event(
        metadata=client.V1ObjectMeta(generate_name="told-"),
        involved_object=about,
        reason="Told",
        message="by Python",
        type="Normal",
        action="Tell",
        event_time=datetime.now(timezone.utc),  # the client reads no event of events.k8s.io that has none
        reporting_component="example.com/python",
        reporting_instance="one",
    )
    core.create_namespaced_event(namespace, event)
    selected = core.list_namespaced_event(namespace, field_selector="reason=Told,type=Normal")
    told("events", [[each.reason, each.message] for each in selected.items])
    told("as events.k8s.io", [each.note for each in client.EventsV1Api().list_namespaced_event(namespace).items])


def leader_election():
    led = threading.Event()

    def lead(*_):
        led.set()

    lock = LeaseLock("leader", namespace, "one")
    threading.Thread(target=LeaderElection(Config(lock, 15, 10, 2, lead, lambda: None)).run, daemon=True).start()
    until(led.is_set, "it leads")
    lease = client.CoordinationV1Api().read_namespaced_lease("leader", namespace).spec
    told("leads", [lease.holder_identity, lease.lease_duration_seconds, lease.acquire_time is not None])


core.create_namespace({"metadata": {"name": namespace}})
try:
    for story in (config_maps, patches, watches, informers, custom_objects, dynamic_client, workloads, events, leader_election):
        print(f"# {story.__name__}", flush=True)
        story()
finally:
    extensions = client.ApiextensionsV1Api()
    for each in extensions.list_custom_resource_definition(field_selector=f"metadata.name=widgets.{group}").items:
        extensions.delete_custom_resource_definition(each.metadata.name)
    core.delete_namespace(namespace)
