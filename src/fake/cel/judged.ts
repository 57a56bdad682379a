/**
 * CRDs that need not be judged where they are written: it is known that nothing is wrong with them.
 *
 * To judge one, its rules have to be read, typed and priced: two thirds of the first fake cluster of a process, and so of each process of
 * a test suite. This project's own is in nearly all of those.
 *
 * @module
 */
import { fingerprint } from "../types/hash.ts";
import { ownTexts } from "./own-crd.ts";

/** Whether it is known that nothing is wrong with the spec of a CRD, or with the schema of one of its versions. Pure. @param text Of it, as it was read. */
export const isJudged = (text: string): boolean =>
  ownTexts.some((own) => own.length === text.length && own.fingerprint === fingerprint(text));
