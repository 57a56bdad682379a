import { PRESENT, SeedError } from "../../src/fake/verbs/seed.ts";
import { asApplied } from "./crds.ts";
import { inOrder, isCrd, isNamespace, type Manifest, type ManifestObject } from "../../src/fake/manifests.ts";

/** What a fake cluster is set up with. */
export interface Seeds {
  readonly crds: readonly Manifest[];
  readonly objects: readonly Manifest[];
}

const CRD_VERSION = "apiextensions.k8s.io/v1";

const memberOf = ({ object: { metadata } }: Manifest, member: "name" | "namespace"): string | undefined => {
  const value = (metadata as Partial<Record<string, unknown>> | null | undefined)?.[member];
  return typeof value === "string" ? value : undefined;
};

/**
 * Puts together what there will be: CRDs beside the project's own, in whose place they stand where they have their names; of the
 * objects CRDs come first, then namespaces, so that files need no order. Pure.
 *
 * @throws {Error} with one sentence, when there is something in a wrong place, or its namespace is not there.
 */
export function createSeeds(own: readonly ManifestObject[], crds: readonly Manifest[], objects: readonly Manifest[]): Seeds {
  const wrong = crds.find((each) => !isCrd(each) || each.object.apiVersion !== CRD_VERSION);
  if (wrong) {
    const { apiVersion, kind } = wrong.object;
    throw new Error(
      `Cannot use ${wrong.origin} as a CRD: it is a ${kind} of ${apiVersion}, expected a CustomResourceDefinition of ` +
        `${CRD_VERSION}${isCrd(wrong) ? "" : "; objects of other kinds are given with --objects"}`,
    );
  }
  const names = new Set([...crds, ...objects.filter(isCrd)].map((each) => memberOf(each, "name")));
  const others = own.map((object) => ({ object, origin: "crds/" })).filter((each) => !names.has(memberOf(each, "name")));
  const namespaces = new Set([...PRESENT, ...objects.filter(isNamespace).map((each) => memberOf(each, "name"))]);
  const homeless = objects.find((each) => !namespaces.has(memberOf(each, "namespace") ?? "default"));
  if (homeless) {
    const namespace = memberOf(homeless, "namespace")!;
    throw new Error(
      `Cannot set up ${whatIs(homeless)} of ${homeless.origin}: there is no namespace "${namespace}": add a document with ` +
        `apiVersion: v1, kind: Namespace, metadata: {name: ${namespace}}`,
    );
  }
  return {
    crds: [...others, ...crds].map(applied),
    objects: inOrder(objects.map((each) => isCrd(each) ? applied(each) : each)),
  };
}

const applied = ({ object, origin }: Manifest): Manifest => ({ object: asApplied(object), origin });

const whatIs = (each: Manifest): string => `${each.object.kind} ${JSON.stringify(memberOf(each, "name") ?? "")}`;

/** Why it could not be set up so, in one sentence that names the file; any other error as it is. */
export function seedFault(error: unknown, { crds, objects }: Seeds): unknown {
  if (!(error instanceof SeedError)) return error;
  const { place: { list, index }, what, why, isUnknown } = error;
  const { origin } = (list === "crds" ? crds : objects)[index]!;
  const remedy = isUnknown ? ": add its CustomResourceDefinition with --crds, or leave it out" : "";
  return new Error(`Cannot set up ${what} of ${origin}: ${why}${remedy}`, { cause: error });
}
