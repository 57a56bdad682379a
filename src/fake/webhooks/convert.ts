/**
 * Conversion webhooks: the objects of a CRD in another version than the one that they have.
 *
 * @module
 */
import type { Clock } from "../../ports.ts";
import type { Answers, Outcome, Question } from "../store/outside.ts";
import { asPlain, encode, type JsonObject } from "../types/json.ts";
import { quote } from "../types/quote.ts";
import { ConversionError, type ConversionWebhook, type Converter, type ResourceType } from "../types/resource.ts";
import { notImplemented } from "../types/status.ts";
import type { CallConversion, ConversionTarget } from "../types/webhook.ts";
import { answerOf, clientOf, Unserved } from "./client.ts";
import { conversionReviewOf, conversionVersions, convertedIn } from "./conversion-review.ts";
import { kindTextOf } from "./read-review.ts";

/** Seconds that a conversion may take. */
const patience = 30;
/** How many objects are out at a time. */
const atOnce = 50;

/** What stored objects were converted to, for as long as they are there. A genuine server has it in its watch caches. */
export type Remembered = WeakMap<JsonObject, WeakMap<ResourceType, JsonObject>>;

/** What conversions need. */
export interface Converting {
  readonly clock: Clock;
  readonly callConversion: CallConversion | undefined;
  readonly answers: Answers;
  /** Where stored objects are looked up before somebody is asked; undefined: nowhere. */
  readonly remembered: Remembered | undefined;
}

const unserved = ({ crd }: ConversionWebhook) =>
  notImplemented(
    `the conversion webhook of customresourcedefinitions ${quote(crd)}, which this request needs and which nobody answers,`,
  );

/** A type of which a webhook converts the objects, for one call; any other as it is. */
export function boundType(type: ResourceType, converting: Converting): ResourceType {
  const { conversion } = type;
  return conversion && type.convertedBy ? type.convertedBy(converterOf(type, conversion, converting)) : type;
}

function converterOf(type: ResourceType, webhook: ConversionWebhook, converting: Converting): Converter {
  const { answers, remembered } = converting;
  const questionOf = (object: JsonObject, desired: string) => question(webhook, object, desired, converting);
  const found = (of: JsonObject | undefined) => of && remembered?.get(of)?.get(type);
  return {
    convert(object, desired, of) {
      const known = found(of);
      if (known) return known;
      const [outcome] = answers.to([questionOf(object, desired)]);
      const converted = heard(outcome!, webhook, object);
      if (of && remembered) {
        const forms = remembered.get(of) ?? new WeakMap<ResourceType, JsonObject>();
        remembered.set(of, forms.set(type, converted));
      }
      return converted;
    },
    ahead(conversions, desired) {
      const open = conversions.filter(({ of }) => !found(of)).map(({ object }) => questionOf(object, desired));
      for (let at = 0; at < open.length; at += atOnce) answers.to(open.slice(at, at + atOnce));
    },
  };
}

function question(
  webhook: ConversionWebhook,
  object: JsonObject,
  desired: string,
  { clock, callConversion }: Converting,
): Question {
  if (!callConversion) throw unserved(webhook);
  // Neither a function nor what JSON.stringify sends would be shown what is there.
  if (asPlain(object) !== object) throw notImplemented("integers beyond 2^53 in objects that a webhook converts,");
  const { crd, clientConfig, reviewVersions } = webhook;
  const version = reviewVersions.find((each) => conversionVersions.includes(each)) ?? "v1";
  const target: ConversionTarget = { crd, ...clientOf(clientConfig, patience) };
  const text = encode(object);
  return {
    key: `${crd} to ${desired}: ${text}`,
    put: async () => {
      const uid = crypto.randomUUID();
      const review = conversionReviewOf(version, uid, desired, JSON.parse(text));
      const answer = await answerOf(clock, target, async () => await callConversion(review, target));
      return convertedIn(object, answer, { version, uid, desired });
    },
  };
}

/** @throws {ConversionError} */
function heard(outcome: Outcome, webhook: ConversionWebhook, object: JsonObject): JsonObject {
  if ("answer" in outcome) return outcome.answer as JsonObject;
  const { error } = outcome;
  if (error instanceof Unserved) throw unserved(webhook);
  if (error instanceof ConversionError) throw error;
  throw new ConversionError(
    `conversion webhook for ${kindTextOf(object)} failed: ${error instanceof Error ? error.message : String(error)}`,
  );
}
