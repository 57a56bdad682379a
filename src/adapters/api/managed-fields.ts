const STRING = String.raw`"[^"\\]*(?:\\.[^"\\]*)*"`;
/** What comes before it among the metadata, in the order of the alphabet: texts, numbers, a list of texts, maps of texts. */
const VALUE = String.raw`(?:${STRING}|\d+|\[(?:${STRING},?)*\]|\{(?:${STRING}:${STRING},?)*\})`;
const HEAD = new RegExp(
  String
    .raw`^\{"type":${STRING},"object":\{"apiVersion":${STRING},"kind":${STRING},"metadata":\{(?:${STRING}:${VALUE},)*(?="managedFields":\[\{)`,
);
const KEY = '"managedFields":[';
/** The last entry, the list, and the member that follows it in what an API server writes. In no string is a quote unescaped. */
const END = '}],"name":';
const NESTED = /[:,]\[/;

/**
 * Cuts who manages which field out of a line of a watch, unread: it is a third of a small object, and half of what parsing it
 * costs. What is not as a kube-apiserver writes it is left as it is.
 */
export function cutManagedFields(line: string): string {
  const begin = line.indexOf(KEY);
  if (begin < 0) return line;
  const end = line.indexOf(END, begin);
  // Of the object itself, not of something inside it, and with no list in it whose end would be taken for its own.
  if (end < 0 || HEAD.exec(line)?.[0].length !== begin || NESTED.test(line.slice(begin + KEY.length, end))) return line;
  return line.slice(0, begin) + line.slice(end + "}],".length);
}
