/** Which jobs come after a job; only such as there are. */
export type Links = ReadonlyMap<string, readonly string[]>;

/** Circles, and jobs that are never reached. Pure. @param start Undefined where it is not known. */
export function graphFaults(start: string | undefined, links: Links): string[] {
  const faults = circlesIn(links).map((circle) => `its jobs go in a circle: ${circle.join(" -> ")}`);
  if (start === undefined) return faults;
  const reached = new Set([start]);
  for (const job of reached) for (const to of links.get(job)!) reached.add(to);
  for (const job of links.keys()) {
    if (!reached.has(job)) faults.push(`job ${JSON.stringify(job)} is never reached from its start`);
  }
  return faults;
}

/** Circles, at least one in each knot of jobs; each with its first job once more at its end. Without recursion: chains may be long. */
function circlesIn(links: Links): string[][] {
  const circles: string[][] = [];
  const done = new Set<string>();
  for (const from of links.keys()) {
    if (done.has(from)) continue;
    const path: { readonly job: string; at: number }[] = [{ job: from, at: 0 }];
    while (path.length > 0) {
      const last = path.at(-1)!;
      const to = links.get(last.job)![last.at++];
      if (to === undefined) {
        done.add(last.job);
        path.pop();
        continue;
      }
      const begin = path.findIndex(({ job }) => job === to);
      if (begin >= 0) circles.push([...path.slice(begin).map(({ job }) => job), to]);
      else if (!done.has(to)) path.push({ job: to, at: 0 });
    }
  }
  return circles;
}
