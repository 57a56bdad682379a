import { type ChildProcess, spawn } from "node:child_process";

/** What ends with this process, however that ends. */
export interface Guard {
  /** Sees to it that a process ends with this one. */
  watch(pid: number): void;
  /** It has ended by itself. */
  forget(pid: number): void;
}

/** Reads `+PID` and `-PID`, and kills who is left when nobody can write any more: who wrote has ended, by kill -9, too. */
const SCRIPT = `trap '' INT HUP TERM
pids=' '
while read -r line; do
  pid=\${line#?}
  case $line in
    +*) pids="$pids$pid " ;;
    -*) case $pids in *" $pid "*) pids="\${pids%%" $pid "*} \${pids#*" $pid "}" ;; esac ;;
  esac
done
for pid in $pids; do kill -9 "$pid" 2>/dev/null; done`;

/** Starts a process that outlives this one by a moment. It is in a session of its own: Ctrl-C does not reach it. */
export function startGuard(): Guard {
  const shell: ChildProcess = spawn("sh", ["-c", SCRIPT], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  shell.unref();
  (shell.stdin as unknown as { unref(): void }).unref();
  const say = (line: string) => void shell.stdin!.write(`${line}\n`);
  return { watch: (pid) => say(`+${pid}`), forget: (pid) => say(`-${pid}`) };
}
