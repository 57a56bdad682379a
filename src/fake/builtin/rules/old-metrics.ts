/**
 * Metrics as `autoscaling/v1` keeps them in annotations, and as `autoscaling/v2` has them.
 *
 * @module
 */
import type { Json, JsonObject } from "../../types/json.ts";
import { part } from "./checks.ts";

/** The members that have a value. */
const present = (members: Readonly<Record<string, Json | undefined>>): JsonObject =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== null));

/** How one source is written in the two versions. */
interface Source {
  readonly member: string;
  /** @param amount `target` or `current`, of which both speak in the same way. */
  toOld(source: JsonObject, amount: "target" | "current"): JsonObject;
  fromOld(source: JsonObject, amount: "target" | "current"): JsonObject;
}

/** The member of `v1` that an amount has. */
const named = (amount: string, name: string) => `${amount}${name}`;
/** An amount that `v1` always has: nothing is none. */
const always = (value: Json | undefined): Json => value ?? "0";

/** An amount of `v2`: a target says of which type it is. */
const amountOf = (amount: string, type: string, members: Readonly<Record<string, Json | undefined>>): JsonObject =>
  amount === "target" ? { type, ...present(members) } : present(members);

const metric = (name: Json | undefined, selector: Json | undefined): JsonObject => ({
  name: name ?? "",
  ...present({ selector }),
});

const ofObject: Source = {
  member: "object",
  toOld: (source, amount) => ({
    target: source.describedObject ?? { kind: "", name: "" },
    metricName: part(source, "metric").name ?? "",
    [named(amount, "Value")]: always(part(source, amount).value),
    ...present({ selector: part(source, "metric").selector, averageValue: part(source, amount).averageValue }),
  }),
  fromOld: (source, amount) => ({
    metric: metric(source.metricName, source.selector),
    [amount]: amountOf(amount, source.averageValue === undefined ? "Value" : "AverageValue", {
      value: always(source[named(amount, "Value")]),
      averageValue: source.averageValue,
    }),
    describedObject: source.target ?? { kind: "", name: "" },
  }),
};

const ofPods: Source = {
  member: "pods",
  toOld: (source, amount) => ({
    metricName: part(source, "metric").name ?? "",
    [named(amount, "AverageValue")]: always(part(source, amount).averageValue),
    ...present({ selector: part(source, "metric").selector }),
  }),
  fromOld: (source, amount) => ({
    metric: metric(source.metricName, source.selector),
    [amount]: amountOf(amount, "AverageValue", { averageValue: always(source[named(amount, "AverageValue")]) }),
  }),
};

const external: Source = {
  member: "external",
  toOld: (source, amount) => {
    const { value, averageValue } = part(source, amount);
    return {
      metricName: part(source, "metric").name ?? "",
      ...present({
        metricSelector: part(source, "metric").selector,
        [named(amount, "Value")]: amount === "current" ? always(value) : value,
        [named(amount, "AverageValue")]: averageValue,
      }),
    };
  },
  fromOld: (source, amount) => {
    const value = source[named(amount, "Value")];
    return {
      metric: metric(source.metricName, source.metricSelector),
      [amount]: amountOf(amount, value === undefined ? "AverageValue" : "Value", {
        value: amount === "current" ? always(value) : value,
        averageValue: source[named(amount, "AverageValue")],
      }),
    };
  },
};

const ofResource = (member: string): Source => ({
  member,
  toOld: (source, amount) => {
    const { averageUtilization, averageValue } = part(source, amount);
    return {
      name: source.name ?? "",
      ...present({
        [named(amount, "AverageUtilization")]: averageUtilization,
        [named(amount, "AverageValue")]: amount === "current" ? always(averageValue) : averageValue,
        container: source.container,
      }),
    };
  },
  fromOld: (source, amount) => {
    const share = source[named(amount, "AverageUtilization")];
    const value = source[named(amount, "AverageValue")];
    return {
      name: source.name ?? "",
      [amount]: amountOf(amount, share === undefined ? "AverageValue" : "Utilization", {
        averageUtilization: share,
        averageValue: amount === "current" ? always(value) : value,
      }),
      ...present({ container: source.container }),
    };
  },
});

const sources: readonly Source[] = [ofObject, ofPods, ofResource("resource"), ofResource("containerResource"), external];

function rewritten(metric: JsonObject, write: (source: Source, value: JsonObject) => JsonObject): JsonObject {
  const written: JsonObject = { type: metric.type ?? "" };
  for (const source of sources) {
    if (metric[source.member] !== undefined) written[source.member] = write(source, part(metric, source.member));
  }
  return written;
}

/** A metric as `v1` writes it. Pure. @param amount `target` of a specification, `current` of a status. */
export const oldMetric = (metric: JsonObject, amount: "target" | "current"): JsonObject =>
  rewritten(metric, (source, value) => source.toOld(value, amount));

/** A metric of `v1` as it is stored. Pure. @param amount `target` of a specification, `current` of a status. */
export const metricOfOld = (metric: JsonObject, amount: "target" | "current"): JsonObject =>
  rewritten(metric, (source, value) => source.fromOld(value, amount));
