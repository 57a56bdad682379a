import type { Scenario } from "./scenario.ts";

/** What people read of an event. */
export interface ToldEvent {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly involvedObject: { readonly kind: string; readonly name: string; readonly uid: string };
  readonly count: number;
}

/** The events of the default namespace, in the order in which they were made. */
export async function eventsOf(story: Scenario): Promise<ToldEvent[]> {
  const { items } = await (await story.send("GET", "/api/v1/namespaces/default/events")).json();
  const version = ({ metadata }: { metadata: { uid: string; creationTimestamp: string } }) => metadata.creationTimestamp;
  return [...items].sort((a, b) => version(a) < version(b) ? -1 : version(a) > version(b) ? 1 : 0);
}
