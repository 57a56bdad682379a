/**
 * Scripts that make a shell complete this command. All of them are made of the table of commands. Pure.
 *
 * @module
 */

import { MODES, type VerbCommand, VERBS } from "./commands.ts";
import type { Flag } from "./flag.ts";
import { type FlagName, FLAGS } from "./flags.ts";
import { PROGRAM } from "./help.ts";

/** Shells whose words are completed. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
/** One of them. */
export type Shell = typeof SHELLS[number];

const verbs = Object.entries(VERBS as Readonly<Record<string, VerbCommand>>);
const flagOf = (name: FlagName): Flag<unknown> => FLAGS[name];

/** What a value may be: some words, a file, or nothing that is known. */
function valuesOf(name: FlagName, { outputs }: VerbCommand): readonly string[] | "files" {
  if (name === "output") return outputs ?? [];
  const { values = [], value = "" } = flagOf(name);
  return /MODULE|PATH|FILE/.test(value) ? "files" : values;
}

/** The script for a shell. */
export function completionScript(shell: Shell): string {
  return { bash, zsh, fish }[shell]();
}

/** Lists the flows that are there, first what each is called; what was typed already says where. */
const LIST = `${PROGRAM} list --no-headers`;

function bash(): string {
  const cases = verbs.map(([verb, command]) => {
    const flags = command.flags.flatMap((name) => {
      const { short } = flagOf(name);
      return [`--${name}`, ...short === undefined ? [] : [`-${short}`]];
    });
    const [words, of] = command.completes === "flows" ? ["", " of=flows"] : [(command.completes ?? []).join(" "), ""];
    return `    ${verb}) flags="${[...flags, "--help"].join(" ")}"; words="${words}"${of} ;;`;
  });
  const values = new Map<string, string>();
  for (const [verb, command] of verbs) {
    for (const name of command.flags) {
      const { short, value } = flagOf(name);
      if (value === undefined) continue;
      const known = valuesOf(name, command);
      const reply = known === "files"
        ? `COMPREPLY=($(compgen -f -- "$cur"))`
        : `COMPREPLY=($(compgen -W "${known.join(" ")}" -- "$cur"))`;
      const patterns = [`--${name}`, ...short === undefined ? [] : [`-${short}`]].map((flag) => `${verb}:${flag}`).join("|");
      values.set(`${verb} ${name}`, `    ${patterns}) ${reply}; return ;;`);
    }
  }
  return `# bash completion of ${PROGRAM}
_crd_watcher_flows() {
  local place=() at flag
  for ((at = 1; at < COMP_CWORD; at++)); do
    flag="\${COMP_WORDS[at]}"
    case "$flag" in
    -n | --namespace | --kubeconfig | --context | --master)
      if [[ "\${COMP_WORDS[at + 1]}" == = ]]; then ((at++)); fi
      place+=("$flag" "\${COMP_WORDS[at + 1]}")
      ;;
    esac
  done
  ${LIST} "\${place[@]}" 2>/dev/null | head -n 500 | sed 's/  .*//'
}
# compgen would run what stands in them: they are text of others.
_crd_watcher_offer_flows() {
  local flow typed word="$1" stays="" at=$COMP_CWORD
  # For bash : and = part words, in a key as elsewhere: what stands before the last of them is there already, and stays.
  while ((at > 1)) && [[ "\${COMP_WORDS[at]}" == [:=]* || "\${COMP_WORDS[at - 1]}" == *[:=] ]]; do
    ((at--))
    word="\${COMP_WORDS[at]}$word"
  done
  if ((at < COMP_CWORD)); then stays="\${word%"\${word##*[:=]}"}"; fi
  while IFS= read -r flow; do
    typed="$flow"
    if [[ ! "$flow" =~ ^[A-Za-z0-9_@%+=:,.-]+$ ]]; then printf -v typed %q "$flow"; fi
    if [[ "$flow" == "$word"* || "$typed" == "$word"* ]]; then COMPREPLY+=("\${typed#"$stays"}"); fi
  done < <(_crd_watcher_flows)
}
_crd_watcher() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD - 1]}" verb="" of="" word flags words
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in
    ${verbs.map(([verb]) => verb).join(" | ")}) verb="$word"; break ;;
    esac
  done
  case "$verb:$prev" in
${[...values.values()].join("\n")}
    :--mode) COMPREPLY=($(compgen -W "${Object.keys(MODES).join(" ")}" -- "$cur")); return ;;
  esac
  case "$verb" in
${cases.join("\n")}
    *) flags="--mode --help --version"; words="${verbs.map(([verb]) => verb).join(" ")}" ;;
  esac
  if [[ "$cur" == -* ]]; then COMPREPLY=($(compgen -W "$flags" -- "$cur"))
  elif [[ -n "$of" ]]; then _crd_watcher_offer_flows "$cur"
  else COMPREPLY=($(compgen -W "$words" -- "$cur")); fi
}
complete -F _crd_watcher ${PROGRAM}
`;
}

/** For a description between single quotes, in zsh and fish. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function zsh(): string {
  const escaped = (text: string) => text.replaceAll(/[[\]:\\]/g, "\\$&");
  const spec = (name: FlagName, command: VerbCommand): string[] => {
    const { short, value, help } = flagOf(name);
    const known = valuesOf(name, command);
    const action = value === undefined ? "" : `:${escaped(value)}:${known === "files" ? "_files" : `(${known.join(" ")})`}`;
    const names = [`--${name}`, ...short === undefined ? [] : [`-${short}`]];
    return names.map((flag) => `      ${quoted(`${flag}[${escaped(help)}]${action}`)}`);
  };
  const cases = verbs.map(([verb, command]) => {
    const words = command.completes === "flows"
      ? [`      '*:flow:_crd_watcher_flows'`]
      : command.completes
      ? [`      '1:word:(${command.completes.join(" ")})'`]
      : [];
    const specs = [...command.flags.flatMap((name) => spec(name, command)), `      '--help[tell how it is used]'`, ...words];
    return `    ${verb}) _arguments -s \\\n${specs.join(" \\\n")} ;;`;
  });
  return `#compdef ${PROGRAM}
_crd_watcher_flows() {
  local -a place flows
  local at
  for ((at = 2; at < CURRENT; at++)); do
    case "\${words[at]}" in
    -n | --namespace | --kubeconfig | --context | --master) place+=("\${words[at]}" "\${words[at + 1]}") ;;
    esac
  done
  flows=(\${\${(f)"$(${LIST} $place 2>/dev/null | head -n 500)"}%%  *})
  compadd -a flows
}
_crd_watcher() {
  local -a verbs
  verbs=(
${verbs.map(([verb, { summary }]) => `    ${quoted(`${verb}:${escaped(summary)}`)}`).join("\n")}
  )
  if ((CURRENT == 2)); then
    _describe verb verbs
    return
  fi
  local verb="\${words[2]}"
  shift words
  ((CURRENT--))
  case "$verb" in
${cases.join("\n")}
  esac
}
_crd_watcher "$@"
`;
}

function fish(): string {
  const under = (verb: string) => `-n ${quoted(`__fish_seen_subcommand_from ${verb}`)}`;
  const lines = verbs.flatMap(([verb, command]) => [
    `complete -c ${PROGRAM} -n __fish_use_subcommand -f -a ${verb} -d ${quoted(command.summary)}`,
    ...command.completes === "flows"
      ? [`complete -c ${PROGRAM} ${under(verb)} -f -a ${quoted("(__crd_watcher_flows)")}`]
      : command.completes
      ? [`complete -c ${PROGRAM} ${under(verb)} -f -a ${quoted(command.completes.join(" "))}`]
      : [],
    ...command.flags.map((name) => {
      const { short, value, help } = flagOf(name);
      const known = valuesOf(name, command);
      const takes = value === undefined ? "" : known === "files" ? " -r -F" : ` -x -a ${quoted(known.join(" "))}`;
      return `complete -c ${PROGRAM} ${under(verb)} -l ${name}${short === undefined ? "" : ` -s ${short}`}${takes} -d ${
        quoted(help)
      }`;
    }),
  ]);
  return `# fish completion of ${PROGRAM}
function __crd_watcher_flows
  set -l place
  set -l words (commandline -opc)
  for at in (seq (count $words))
    if contains -- $words[$at] -n --namespace --kubeconfig --context --master
      set -a place $words[$at] $words[(math $at + 1)]
    end
  end
  ${LIST} $place 2>/dev/null | head -n 500 | string replace -r '  .*' ''
end
complete -c ${PROGRAM} -n __fish_use_subcommand -f -l mode -x -a ${quoted(Object.keys(MODES).join(" "))} -d 'run a program'
${lines.join("\n")}
`;
}
