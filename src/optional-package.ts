/**
 * Packages that are not installed with this one, because most of its users do not need them: whoever does adds them.
 *
 * @module
 */
import { causesOf, causeText, SetupError } from "./errors.ts";

/** Who asked for a package, and how it is had. */
export interface Wanted {
  /** What cannot be done without it, as in `The import crd-watcher/fake/msw`. */
  readonly by: string;
  /** Its name on npm. */
  readonly name: string;
  /** What has to be installed with it. @default {[]} */
  readonly beside?: readonly string[];
  /** Whether it is for tests only. @default {false} */
  readonly forTests?: boolean;
}

/**
 * What is thrown where `import(name)` has failed. The import itself stands where it is needed, with a `catch`: bundlers take that
 * for a package that may be absent.
 *
 * @param error What the import was rejected with.
 * @returns One sentence, with the command that installs it; in Deno, Deno's.
 */
export function packageError(error: unknown, { by, name, beside = [], forTests = false }: Wanted): SetupError {
  const names = [name, ...beside];
  const needs = `${by} needs the package ${name}`;
  if (!isAbsent(error, names)) return new SetupError(`${needs}: ${causeText(error).split("\n")[0]}`, { cause: error });
  const command = "Deno" in globalThis
    ? `deno add ${forTests ? "--dev " : ""}${names.map((each) => `npm:${each}`).join(" ")}`
    : `npm install ${forTests ? "--save-dev " : ""}${names.join(" ")}`;
  return new SetupError(`${needs}, which is not installed: ${command}`, { cause: error });
}

/** Whether it says that one of these packages is not there, and not that one of them lacks something: the first name that is quoted. */
function isAbsent(error: unknown, names: readonly string[]): boolean {
  const { code, message } = causesOf(error)[0]!;
  const [, missing] = /["']([^"']+)["']/.exec(message ?? "") ?? [];
  return code === "ERR_MODULE_NOT_FOUND" && names.some((name) => missing === name || missing?.startsWith(`${name}/`));
}
