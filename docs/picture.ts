/**
 * Records the picture of the README from a real run: `node --import tsx docs/picture.ts`. The flow is the README's, on a fake cluster
 * with director and worker, at a terminal of 80 columns; what the commands print becomes an SVG, text as text. With `--check` it writes
 * nothing, and fails where the picture shows something else.
 */
import { readFile, symlink, writeFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { comparable } from "../test/support/blocks.ts";
import { temporaryFolder } from "../test/support/files.ts";
import { endPrograms, startAtTerminal, startCommand } from "../test/support/programs.ts";

const COMMANDS = ['start order --key order-42 --input {"amount":12}', "get order-42"];
/** Of the 16 colours of a terminal, those that the command uses. */
const COLORS: Readonly<Record<string, string>> = { 1: "b", 2: "dim", 31: "red", 32: "green", 33: "yellow", 36: "cyan" };

/** What a terminal shows of a text, as lines of SVG. */
function linesOf(text: string): string[] {
  const escape = (part: string) => part.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return text.replaceAll("\r", "").trimEnd().split("\n").map((line) => {
    let color: string | undefined;
    // deno-lint-ignore no-control-regex
    return line.split(/\x1b\[([\d;]*)m/).map((part, index) => {
      if (index % 2 === 1) color = COLORS[part];
      else if (part !== "") return color ? `<tspan class="${color}">${escape(part)}</tspan>` : escape(part);
      return "";
    }).join("");
  });
}

/** A terminal with its own background, so that it can be read on a light page as on a dark one. */
function pictureOf(lines: readonly string[]): string {
  const [width, height] = [720, lines.length * 18 + 32];
  const rows = lines.map((line, index) => `<text x="18" y="${index * 18 + 30}" xml:space="preserve">${line}</text>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>crd-watcher in a terminal</title>
<style>
rect { fill: #0d1117; stroke: #30363d }
text { fill: #d6dde6; font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre }
.b { font-weight: bold } .dim { fill: #8b949e } .red { fill: #ff7b72 } .green { fill: #56d364 } .yellow { fill: #e3b341 } .cyan { fill: #56d4dd }
</style>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
${rows.join("\n")}
</svg>
`;
}

const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
const folder = temporaryFolder();
try {
  // The package's name leads to this checkout.
  const flow = /^```ts order\.ts\n(.*?)^```$/ms.exec(readme)![1]!.replace(
    '"crd-watcher"',
    JSON.stringify(new URL("../mod.ts", import.meta.url)),
  );
  const kubeconfig = `${folder.path}/kubeconfig`;
  const env = { KUBECONFIG: kubeconfig, CRD_WATCHER_FLOW: folder.write("order.ts", flow), NO_COLOR: "", TERM: "xterm-256color" };
  const command = [process.execPath, "--import", "tsx", "cli/main.ts"];
  // Called as it is where it is installed: so it says itself.
  const link = `${folder.path}/crd-watcher`;
  await symlink(fileURLToPath(new URL("../cli/main.ts", import.meta.url)), link);
  const cluster = startCommand([...command, "--mode", "cluster", "--write-kubeconfig", kubeconfig]);
  await cluster.until(/^http:/m);
  const director = startCommand([...command, "--mode", "director", "--serve"], env);
  const worker = startCommand([...command, "--mode", "worker"], env);
  await Promise.all([director.untilErrors(/Leading/), worker.until(/does jobs/)]);
  const shown: string[] = [];
  for (const words of COMMANDS) {
    const quoted = words.replace(/\{.*\}/, (json) => `'${json}'`);
    const run = 'stty cols 80; unset npm_execpath; exec "$@"';
    const program = startAtTerminal(["sh", "-c", run, "sh", process.execPath, "--import", "tsx", link, ...words.split(" ")], env);
    if (await program.exited !== 0) throw new Error(program.output);
    shown.push(`\x1b[1m$ crd-watcher ${quoted}\x1b[0m`, program.output.trimEnd(), "");
    await director.until(/approve +REQUESTED/); // both attempts are over
  }
  const file = new URL("order.svg", import.meta.url);
  const picture = pictureOf(linesOf(shown.join("\n")));
  if (!process.argv.includes("--check")) await writeFile(file, picture);
  else if (comparable(await readFile(file, "utf8")) !== comparable(picture)) throw new Error(`It would be\n${picture}`);
} finally {
  await endPrograms();
  folder.remove();
}
