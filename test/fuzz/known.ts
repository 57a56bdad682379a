/**
 * Differences between the fake and a genuine server that the fuzz finds, and that stay as they are: each has a name and stands in
 * docs/fuzz.md. Each is as narrow as it can be told: both refuse with the same status, or all but one member is equal.
 *
 * @module
 */
import { at } from "../recordings/pointer.ts";
import type { Contrast } from "./contrast.ts";

interface Known {
  /** The heading in docs/fuzz.md. */
  readonly name: string;
  readonly is: (contrast: Contrast) => boolean;
}

const messages = ({ genuine, fake }: Contrast): readonly string[] =>
  [genuine, fake].map(({ body }) => String(at(body, "/message") ?? ""));
const isRefused = ({ genuine, fake }: Contrast) => genuine.status === fake.status && (genuine.status ?? 0) >= 400;
const sentYaml = ({ question }: Contrast) => /yaml/.test(String(question.headers["content-type"] ?? ""));
interface Cause {
  readonly field: string;
  readonly message: string;
}

const causesOf = ({ body }: Contrast["genuine"]) => (at(body, "/details/causes") ?? []) as readonly Cause[];
const textOf = ({ field, message }: Cause) => `${field}: ${message}`;
const equal = (one: readonly string[], other: readonly string[]) => one.join("\n") === other.join("\n");
/** Places that are judged as a Go map is walked: in an order that is another one each time. */
const ofMap = /(?:^|\.)(?:annotations|labels|matchLabels|nodeSelector|selector)$|\[[^\]]*[^\]\d][^\]]*\]$/;
/** What both say of an applied object, up to the object. */
const misfit = /^failed to create typed patch object \([^)]*\): /;

/** All of them. */
export const knownDifferences: readonly Known[] = [
  {
    name: "Words about malformed YAML",
    is: (contrast) => sentYaml(contrast) && isRefused(contrast) && messages(contrast).every((message) => /yaml: /.test(message)),
  },
  {
    name: "Which members of an applied object are named",
    is(contrast) {
      const [real, got] = messages(contrast).map((message) => misfit.exec(message)?.[0]);
      return isRefused(contrast) && real !== undefined && real === got &&
        messages(contrast).every((message) => message.includes("field not declared in schema"));
    },
  },
  {
    name: "An order of Go's maps",
    is(contrast) {
      const [real, got] = [contrast.genuine, contrast.fake].map(causesOf);
      const others = (causes: readonly Cause[]) => causes.filter(({ field }) => !ofMap.test(field)).map(textOf);
      return isRefused(contrast) && real!.some(({ field }) => ofMap.test(field)) &&
        equal(real!.map(textOf).sort(), got!.map(textOf).sort()) && equal(others(real!), others(got!));
    },
  },
  {
    name: "A name that was made and refused",
    is(contrast) {
      const [real, got] = [contrast.genuine, contrast.fake].map(({ body }) => {
        const name = String(at(body, "/details/name") ?? "");
        return name === "" ? "" : String(at(body, "/message")).replaceAll(name, "NAME");
      });
      return isRefused(contrast) && String(contrast.question.body ?? "").includes("generateName") && real !== "" && real === got;
    },
  },
  {
    name: "A list at an old version",
    is: ({ question: { method, path }, differences }) =>
      /[?&]resourceVersion=/.test(path) && ["GET", "DELETE"].includes(method) &&
      differences.every(({ path: member }) => member === "body.metadata.resourceVersion"),
  },
];

/** The name of a difference that is known. Pure. */
export const knownDifference = (contrast: Contrast): string | undefined => knownDifferences.find(({ is }) => is(contrast))?.name;
