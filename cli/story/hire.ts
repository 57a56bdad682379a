import { Worker } from "node:worker_threads";
import type { LogOptions } from "../log.ts";
import type { Hired } from "./story.ts";

/** What a worker in a thread is told when it starts. */
export interface Post extends Pick<LogOptions, "format"> {
  /** How much it logs. @default {Nothing} */
  readonly level?: LogOptions["level"];
  /** The first part of its identity. */
  readonly name: string;
  /** The API server. */
  readonly url: string;
  readonly namespace: string;
  /** Milliseconds. */
  readonly leaseDuration: number;
}

/** Starts a worker in a thread. */
export async function hireThread(post: Post): Promise<Hired> {
  // What is compiled lies in dist/chunks/ or in dist/cli/.
  const thread = new Worker(
    new URL(import.meta.url.endsWith(".js") ? "../cli/story/thread.js" : "./thread.ts", import.meta.url),
    {
      workerData: post,
    },
  );
  let isWanted = false;
  const failed = new Promise<never>((_, reject) => {
    thread.once("error", (error) => reject(new Error(`${post.name} has failed: ${error.message}`, { cause: error })));
    thread.once("exit", () => isWanted || reject(new Error(`${post.name} has ended by itself`)));
  });
  failed.catch(() => {}); // it may fail before anybody looks
  const gone = new Promise((resolve) => thread.once("exit", resolve));
  const started = new Promise<string>((resolve) => thread.once("message", resolve));
  return {
    identity: await Promise.race([started, failed]),
    failed,
    async kill() {
      isWanted = true;
      await thread.terminate();
    },
    async end() {
      isWanted = true;
      thread.postMessage("end");
      await gone;
    },
  };
}
