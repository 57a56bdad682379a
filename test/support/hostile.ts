/** What may be thrown and throws itself when it is looked at, by what it is. */
export function hostileErrors(): Map<string, unknown> {
  const refuse = () => {
    throw new Error("do not look at me");
  };
  const withGetter = (...members: string[]) =>
    members.reduce((error, member) => Object.defineProperty(error, member, { get: refuse }), new Error("x"));
  const everything = { get: refuse, has: refuse, getPrototypeOf: refuse, ownKeys: refuse, getOwnPropertyDescriptor: refuse };
  return new Map<string, unknown>([
    ["an error whose message throws", withGetter("message")],
    ["an error whose name throws", withGetter("name")],
    ["an error all of whose members throw", withGetter("message", "name", "stack", "code", "cause", "errors", "crdWatcher")],
    ["an error whose cause throws", withGetter("cause")],
    ["an error whose text throws", Object.assign(new Error(""), { toString: refuse, toJSON: refuse })],
    ["a Proxy that refuses everything", new Proxy(new Error("x"), everything)],
    ["a Proxy that was revoked", revoked()],
    ["something without a prototype", Object.create(null)],
    ["a function", refuse],
    ["a symbol", Symbol("x")],
    [
      "an error that causes itself",
      Object.assign(new Error(""), {
        get cause(): unknown {
          return this;
        },
      }),
    ],
  ]);
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable(new Error("x"), {});
  revoke();
  return proxy;
}
