/**
 * Keys of maps in YAML, as the server's library sets them: one after the other, those that are merged in, too, and the last one stays.
 *
 * @module
 */
import type { Alias, Document, Pair, Scalar, YAMLMap } from "yaml";
import { goSyntax } from "../types/go-value.ts";
import type { Json } from "../types/json.ts";
import { yaml } from "../output/yaml.ts";

/** A number that is written as a float is another key than the integer that it is worth. */
const isFloat = ({ value, source = "" }: Scalar): boolean => typeof value === "number" && /^[^x]*[.eE]/.test(source);

/** The keys of a document. */
export class YamlKeys {
  readonly #document: Document;
  readonly #text: string;
  readonly #lineAt: (at: number) => number;
  /** What maps held that something was merged into. */
  readonly #before = new Map<YAMLMap, YAMLMap["items"]>();

  /** @param lineAt The line of a place in the text, from 1. */
  constructor(document: Document, text: string, lineAt: (at: number) => number) {
    this.#document = document;
    this.#text = text;
    this.#lineAt = lineAt;
  }

  #resolved(node: unknown): unknown {
    return yaml().isAlias(node) ? (node as Alias).resolve(this.#document) : node;
  }

  #isMerge({ key }: Pair): boolean {
    return yaml().isScalar(key) && key.source === "<<" && key.type === "PLAIN";
  }

  /** The maps that a merge takes from, those first that count least; nothing where it is none. */
  #sources(value: unknown): readonly YAMLMap[] | undefined {
    const { isMap, isSeq } = yaml();
    const source = this.#resolved(value);
    if (isMap(source)) return [source];
    if (!isSeq(source)) return undefined;
    const maps = source.items.map((item) => this.#resolved(item)).toReversed();
    return maps.every((each) => isMap(each)) ? maps as YAMLMap[] : undefined;
  }

  /** What a key is in Go, and how it is printed. */
  #nameOf(key: unknown): { readonly id: string; readonly shown: string } {
    const { isScalar } = yaml();
    const shown = isScalar(key) ? goSyntax(key.value as Json) : String(key);
    return { id: isScalar(key) && isFloat(key) ? `float ${shown}` : shown, shown };
  }

  /** Where a node begins, its anchor included. */
  #beginning(node: unknown): number {
    const { range, anchor } = node as { readonly range?: readonly number[] | null; readonly anchor?: string };
    const at = range?.[0] ?? 0;
    const anchored = anchor === undefined ? -1 : this.#text.lastIndexOf(`&${anchor}`, at);
    return anchored === -1 ? at : anchored;
  }

  /** What is said of keys that are set twice: where the value of the second stands is where it is found. For documents without circles. */
  setTwice(): string[] {
    const { isMap, isSeq } = yaml();
    const said: string[] = [];
    const fill = (map: YAMLMap, set: Set<string>): void => {
      for (const pair of this.#before.get(map) ?? map.items) {
        if (this.#isMerge(pair)) {
          for (const source of this.#sources(pair.value) ?? []) fill(source, set);
          continue;
        }
        walk(pair.value);
        const { id, shown } = this.#nameOf(pair.key);
        if (set.has(id)) {
          const line = this.#lineAt(this.#beginning(pair.value ?? pair.key));
          said.push(`line ${line}: key ${shown} already set in map`);
        }
        set.add(id);
      }
    };
    const walk = (given: unknown): void => {
      const node = this.#resolved(given);
      if (isMap(node)) fill(node, new Set());
      else if (isSeq(node)) node.items.forEach(walk);
    };
    walk(this.#document.contents);
    return said;
  }

  /** Puts what is merged into a map in the place of the merge: a key that is set later counts, whichever way. */
  settleMerges(): void {
    yaml().visit(this.#document, {
      Map: (_key, map) => {
        if (!map.items.some((pair) => this.#isMerge(pair))) return;
        this.#before.set(map, map.items);
        map.items = this.#settled(map, [map]);
      },
    });
  }

  /** @param within The maps that this one is merged into: one that contains itself is left as it is. */
  #settled(map: YAMLMap, within: readonly YAMLMap[]): YAMLMap["items"] {
    const settled = new Map<string, YAMLMap["items"][number]>();
    for (const pair of map.items) {
      const sources = this.#isMerge(pair) ? this.#sources(pair.value) : undefined;
      const items = sources && !sources.some((source) => within.includes(source))
        ? sources.flatMap((source) => this.#settled(source, [...within, source]))
        : [pair];
      for (const item of items) settled.set(this.#nameOf(item.key).id, item);
    }
    return [...settled.values()];
  }
}
