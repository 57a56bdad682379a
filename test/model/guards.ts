/** The guards of the protocol. Each is left out once to see that its loss is noticed. */
export interface Guards {
  /** A write is refused where another one came first. */
  readonly version: boolean;
  /** A result is written by who holds the claim, known by its id. */
  readonly claimId: boolean;
  /** Each new attempt has a number of its own. */
  readonly attemptBump: boolean;
  /** After a refusal the request is read, and decided on anew. */
  readonly reread: boolean;
  /** A write without an answer is looked for in the request before it is taken for somebody else's. */
  readonly recognise: boolean;
  /** Each process has an identity of its own. */
  readonly ownIdentity: boolean;
  /** Who is told that it holds a claim by which it runs nothing gives it back. */
  readonly recover: boolean;
  /** A handler is begun once its claim was confirmed. */
  readonly durable: boolean;
  /** Before a worker is called lost its lease is read once more. */
  readonly liveGet: boolean;
  /** That a worker was lost says nothing of what it has taken since. */
  readonly verdictOfHeld: boolean;
  /** A claim that is decided on anew has another id: what was found out about the one before does not hold for it. */
  readonly newId: boolean;
}

export const ALL_GUARDS: Guards = {
  version: true,
  claimId: true,
  attemptBump: true,
  reread: true,
  recognise: true,
  ownIdentity: true,
  recover: true,
  durable: true,
  liveGet: true,
  verdictOfHeld: true,
  newId: true,
};
