const STRING = String.raw`"[^"\\]*(?:\\.[^"\\]*)*"`;
/** What comes before it among the metadata, in the order of the alphabet: texts, numbers, a list of texts, maps of texts. */
const VALUE = String.raw`(?:${STRING}|\d+|\[(?:${STRING},?)*\]|\{(?:${STRING}:${STRING},?)*\})`;
const MEMBERS = String.raw`(?:${STRING}:${VALUE},)*(?="managedFields":\[\{)`;
const EVENT = new RegExp(
  String.raw`^\{"type":${STRING},"object":\{"apiVersion":${STRING},"kind":${STRING},"metadata":\{${MEMBERS}`,
);
const ANSWER = new RegExp(String.raw`^\{"kind":"PartialObjectMetadata","apiVersion":${STRING},"metadata":\{${MEMBERS}`);
const KEY = '"managedFields":[';
/** The last entry, the list, and the member that follows it in what an API server writes. In no string is a quote unescaped. */
const BEFORE_NAME = '}],"name":';
/** The last entry, the list, the metadata, the object. */
const LAST = "}]}}";
const NESTED = /[:,]\s*\[/;

/**
 * Cuts who manages which field out of a line of a watch, unread: it is a third of a small object, and half of what parsing it
 * costs. What is not as a kube-apiserver writes it is left as it is.
 */
export function cutManagedFields(line: string): string {
  const begin = line.indexOf(KEY);
  if (begin < 0) return line;
  const end = line.indexOf(BEFORE_NAME, begin);
  if (end < 0 || !isWhole(line, EVENT, begin, end)) return line;
  return line.slice(0, begin) + line.slice(end + "}],".length);
}

/** The same of an answer that is only metadata (`PartialObjectMetadata`), of which they are the last member. */
export function cutManagedFieldsOfMetadata(text: string): string {
  const begin = text.indexOf(KEY);
  if (begin < 0) return text;
  const end = text.lastIndexOf(LAST);
  if (end < 0 || text.slice(end + LAST.length).trim() !== "" || !isWhole(text, ANSWER, begin, end)) return text;
  return text.slice(0, begin).replace(/,$/, "") + text.slice(end + "}]".length);
}

/** Whether they are those of the object itself, not of something inside it, and hold no list whose end would be taken for theirs. */
const isWhole = (text: string, head: RegExp, begin: number, end: number): boolean =>
  head.exec(text)?.[0].length === begin && !NESTED.test(text.slice(begin + KEY.length, end));
