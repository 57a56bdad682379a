/**
 * Differences between the fake and a genuine server that the fuzz finds, and that stay as they are: each has a name and stands in
 * docs/fuzz.md.
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

const messages = ({ genuine, fake }: Contrast): readonly [string, string] => [
  String(at(genuine.body, "/message") ?? ""),
  String(at(fake.body, "/message") ?? ""),
];
const sent = ({ question }: Contrast): string => question.headers["content-type"] ?? "";
const isYaml = (contrast: Contrast) => /yaml/.test(sent(contrast));

/** All of them. */
export const knownDifferences: readonly Known[] = [
  {
    name: "Words about malformed YAML",
    is: (contrast) => isYaml(contrast) && messages(contrast).some((message) => /yaml: /.test(message)),
  },
  {
    name: "Which of several faults in one body is named",
    is: (contrast) => {
      const [real, got] = messages(contrast);
      return /json: cannot unmarshal/.test(real) && /json: cannot unmarshal/.test(got) &&
        contrast.genuine.status === contrast.fake.status;
    },
  },
  {
    name: "Members of metadata that only servers write",
    is: ({ genuine, fake, differences }) =>
      genuine.status === fake.status &&
      differences.every(({ path }) =>
        /metadata\.(selfLink|deletionTimestamp|deletionGracePeriodSeconds|generation)|managedFields/.test(path)
      ),
  },
  {
    name: "Names of health checks",
    is: ({ question, genuine }) => /^\/(healthz|livez|readyz)\//.test(question.path) && genuine.status === 404,
  },
  {
    name: "The phase of a namespace whose status is replaced",
    is: ({ question, differences }) =>
      /^\/api\/v1\/namespaces\/[^/]+\/(status|finalize)/.test(question.path) &&
      differences.every(({ path }) => path === "body.status.phase"),
  },
  {
    name: "A list at an old version",
    is: ({ question, differences }) =>
      /[?&]resourceVersion=/.test(question.path) && question.method === "GET" &&
      differences.every(({ path }) => path === "body.metadata.resourceVersion"),
  },
];

/** The name of a difference that is known. Pure. */
export const knownDifference = (contrast: Contrast): string | undefined => knownDifferences.find(({ is }) => is(contrast))?.name;
