import type { RequestState } from "../../mod.ts";
import { printable, printableLines } from "../../src/printable.ts";
import type { Terminal } from "../terminal.ts";
import { shownObject, yamlOf } from "../yaml.ts";

/** How objects are shown for machines. */
export type ObjectFormat = "name" | "json" | "yaml";

/** Whether --output asks for objects. */
export const isObjectFormat = (output: string | undefined): output is ObjectFormat =>
  output === "name" || output === "json" || output === "yaml";

/** Shows objects as kubectl does. */
export interface ObjectWriter {
  /** Shows some more. */
  add(requests: readonly RequestState[]): Promise<void>;
  /** There are no more. */
  end(): Promise<void>;
}

/**
 * Shows objects one after the other: as a `List`, of which the first are seen while the last are still being read.
 *
 * @param shape `one` is an object by itself, `stream` are objects one after the other, as a watch shows them.
 */
export function createObjectWriter(
  format: ObjectFormat,
  { out }: Terminal,
  shape: "one" | "list" | "stream" = "list",
): ObjectWriter {
  if (format === "name") {
    return {
      add: async (requests) => requests.forEach(({ metadata }) => out(`${printable(`${KIND}/${metadata.name}`)}\n`)),
      end: async () => {},
    };
  }
  const isJson = format === "json";
  const text = async (request: RequestState) =>
    isJson ? printableLines(JSON.stringify(shownObject(request), null, 4)) : await yamlOf(shownObject(request));
  if (shape !== "list") {
    let count = 0;
    return {
      async add(requests) {
        for (const request of requests) {
          out(isJson ? `${await text(request)}\n` : `${count++ > 0 ? "---\n" : ""}${await text(request)}`);
        }
      },
      end: async () => {},
    };
  }
  let count = 0;
  const begin = () => isJson ? `{\n    "apiVersion": "v1",\n    "items": [` : "apiVersion: v1\nitems:";
  return {
    async add(requests) {
      for (const request of requests) {
        const shown = await text(request);
        const head = count++ === 0 ? begin() : isJson ? "," : "";
        out(isJson ? `${head}\n${indented(shown, 8)}` : `${head === "" ? "" : `${head}\n`}${sequenceItem(shown)}`);
      }
    },
    async end() {
      const head = count === 0 ? begin() : "";
      out(
        isJson
          ? `${head}${
            count === 0 ? "]" : "\n    ]"
          },\n    "kind": "List",\n    "metadata": {\n        "resourceVersion": ""\n    }\n}\n`
          : `${head}${count === 0 ? " []\n" : ""}kind: List\nmetadata:\n  resourceVersion: ""\n`,
      );
    },
  };
}

/** As `kubectl -o name` has it. */
const KIND = "requeststate.com.redhat.ecosystem.sample";

const indented = (text: string, blanks: number): string => text.replace(/^/gm, " ".repeat(blanks));

/** A document of YAML as an item of a sequence. */
const sequenceItem = (text: string): string => text.replace(/^(?=.)/gm, "  ").replace(/^ {2}/, "- ");
