import type { Story } from "../../support/kubectl.ts";

const older = "--output plaintext-openapiv2";

/** What kubectl finds in the OpenAPI documents, of both versions. */
export const documentStories: readonly Story[] = [
  {
    name: "documents",
    steps: [
      "apply -f @documented.yaml",
      "wait --for=condition=Established crd/widgets.open-api.example.com crd/oxen.open-api.example.com",
      "explain widgets --recursive",
      `explain widgets --recursive ${older}`,
      ...["port", "name", "choice", "own", "pod", "nested", "labels", "atomic.a"].flatMap((member) => [
        `explain widgets.spec.${member}`,
        `explain widgets.spec.${member} ${older}`,
      ]),
      "explain widgets.status.conditions --recursive",
      "explain widgets.none",
      `explain widgets.none ${older}`,
      "explain widgets --api-version=open-api.example.com/v1beta1",
      `explain widgets --api-version=open-api.example.com/v1beta1 ${older}`,
      "explain widgets --api-version=open-api.example.com/v2alpha1",
      "explain oxen",
      `explain oxen ${older}`,
      "explain oxen.spec",
      `explain pods.spec.containers ${older}`,
      `explain deploy --recursive ${older}`,
      `explain deploy.spec.strategy.rollingUpdate.maxSurge ${older}`,
      "delete -f @documented.yaml",
    ],
  },
];
