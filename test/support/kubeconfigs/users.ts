import { type Attempts, base64, type Place, withUser } from "./attempt.ts";

const withTokenFile = (content: (token: string) => string, beside?: (place: Place) => string) =>
  withUser((place) => ({ tokenFile: place.write("token", content(place.token)), ...beside && { token: beside(place) } }));

const tokens: Attempts = {
  "a token": withUser(({ token }) => ({ token })),
  "no credentials": withUser(() => ({})),
  "a token file": withTokenFile((token) => `${token}\n`),
  "a token file goes before a token": withTokenFile((token) => token, () => "nope"),
  "a bad token file before a good token": withTokenFile(() => "nope", ({ token }) => token),
  "a token file that is missing": withUser(() => ({ tokenFile: "gone" })),
  "a token file that is missing, and a token": withUser(({ token }) => ({ tokenFile: "gone", token })),
  "a token file that is a folder": withUser(() => ({ tokenFile: "." })),
  "an empty token file": withTokenFile(() => ""),
  "an empty token file, and a token": withTokenFile(() => "", ({ token }) => token),
  "a token file with a line break only": withTokenFile(() => "\n"),
  "a token file of two lines": withTokenFile((token) => `${token}\n${token}\n`),
  "a token file of two lines, and a token": withTokenFile((token) => `${token}\n${token}\n`, ({ token }) => token),
  "a token file with a byte order mark": withTokenFile((token) => `\ufeff${token}\n`),
  "a token file with spaces around": withTokenFile((token) => ` \t${token}\u00a0\u0085\r\n`),
  "a token file with a space inside": withTokenFile((token) => token.replace("-", " ")),
  "a token file with a NUL": withTokenFile((token) => `${token}\0`),
  "a token with spaces": withUser(({ token }) => ({ token: ` ${token} ` })),
  "a token of two lines": withUser(({ token }) => ({ token: `${token}\nx` })),
  "a token that is null": withUser(() => ({ token: null })),
  "a token in another case": withUser(({ token }) => ({ Token: token })),
  "a member that nobody knows": withUser(({ token }) => ({ token, foo: 1 })),
  "a token and a username": withUser(({ token }) => ({ token, username: "a" })),
  "a token and a password": withUser(({ token }) => ({ token, password: "a" })),
  "a token file and a username": withUser((place) => ({ tokenFile: place.write("token", place.token), username: "a" })),
  "a username alone": withUser(() => ({ username: "a" })),
  "a password alone": withUser(() => ({ password: "b" })),
  "a username with a colon": withUser(() => ({ username: "a:b", password: "c" })),
  "an empty token": withUser(() => ({ token: "" })),
  "a token and an empty token file": withUser(({ token }) => ({ token, tokenFile: "" })),
  "a token with a letter that is none of ASCII": withUser(({ token }) => ({ token: `${token}é` })),
  "a token with a quote": withUser(({ token }) => ({ token: `"${token}"` })),
  "a token with its scheme": withUser(({ token }) => ({ token: `Bearer ${token}` })),
  "a token file by a home": withUser(() => ({ tokenFile: "~/token" })),
  "a token file in a folder above": withUser((place) => ({
    tokenFile: `x/../${place.write("token", place.token).split("/").at(-1)}`,
  })),
  "a token file with a variable in its name": withUser(() => ({ tokenFile: "$HOME/token" })),
  "another user with an empty group": withUser(({ token }) => ({ token, as: "joe", "as-groups": [""] })),
  "another user with a line break": withUser(({ token }) => ({ token, as: "jo\ne" })),
  "an empty other user": withUser(({ token }) => ({ token, as: "" })),
  "another user's extra without a value": withUser(({ token }) => ({ token, as: "joe", "as-user-extra": { a: [] } })),
  "another user's extra of an empty name": withUser(({ token }) => ({ token, as: "joe", "as-user-extra": { "": ["a"] } })),
  "another user's extra in capitals": withUser(({ token }) => ({ token, as: "joe", "as-user-extra": { "A/B": ["a"] } })),
  "another user's extra in other letters": withUser(({ token }) => ({ token, as: "joe", "as-user-extra": { "ключ": ["знач"] } })),
  "another user's uid alone": withUser(({ token }) => ({ token, "as-uid": "7" })),
  "another user's uid that is a number": withUser(({ token }) => ({ token, as: "joe", "as-uid": 7 })),
  "a username and a password": withUser(() => ({ username: "a", password: "b" })),
};

const certificates: Attempts = {
  "a certificate in files": withUser(({ jane, write }) => ({
    "client-certificate": write("crt", jane.cert),
    "client-key": write("key", jane.key),
  })),
  "a certificate as data": withUser(({ jane }) => ({
    "client-certificate-data": base64(jane.cert),
    "client-key-data": base64(jane.key),
  })),
  "a certificate in a file, its key as data": withUser(({ jane, write }) => ({
    "client-certificate": write("crt", `Subject: jane\n${jane.cert}`),
    "client-key-data": base64(jane.key),
  })),
  "a certificate and its key in one file": withUser(({ jane, write }) => {
    const path = write("pem", `${jane.key}${jane.cert}`);
    return { "client-certificate": path, "client-key": path };
  }),
  "a certificate and a token": withUser(({ jane, aliceToken }) => ({
    "client-certificate-data": base64(jane.cert),
    "client-key-data": base64(jane.key),
    token: aliceToken,
  })),
  "a certificate without its key": withUser(({ jane }) => ({ "client-certificate-data": base64(jane.cert) })),
  "a certificate without its key, and a token": withUser(({ jane, token }) => ({
    "client-certificate-data": base64(jane.cert),
    token,
  })),
  "a key without its certificate": withUser(({ jane }) => ({ "client-key-data": base64(jane.key) })),
  "a key without its certificate, and a token": withUser(({ token }) => ({ "client-key": "gone", token })),
  "a certificate and the key of another": withUser(({ jane, john }) => ({
    "client-certificate-data": base64(jane.cert),
    "client-key-data": base64(john.key),
  })),
  "a certificate file that is missing": withUser(({ jane, write }) => ({
    "client-certificate": "gone",
    "client-key": write("key", jane.key),
  })),
  "a certificate that is none": withUser(({ jane }) => ({
    "client-certificate-data": base64("hello"),
    "client-key-data": base64(jane.key),
  })),
  "a certificate that is not base64": withUser(({ jane }) => ({
    "client-certificate-data": jane.cert,
    "client-key-data": base64(jane.key),
  })),
  "a certificate with its chain": withUser(({ jane, john }) => ({
    "client-certificate-data": base64(jane.cert + john.cert),
    "client-key-data": base64(jane.key),
  })),
  "a certificate behind another": withUser(({ jane, john }) => ({
    "client-certificate-data": base64(john.cert + jane.cert),
    "client-key-data": base64(jane.key),
  })),
  "a key behind another": withUser(({ jane, john }) => ({
    "client-certificate-data": base64(jane.cert),
    "client-key-data": base64(john.key + jane.key),
  })),
  "a certificate with CRLF": withUser(({ jane }) => ({
    "client-certificate-data": base64(jane.cert.replaceAll("\n", "\r\n")),
    "client-key-data": base64(jane.key.replaceAll("\n", "\r\n")),
  })),
  "a certificate of which nobody knows": withUser(({ strangers }) => ({
    "client-certificate-data": base64(strangers.cert),
    "client-key-data": base64(strangers.key),
  })),
  "a certificate and an empty key": withUser(({ jane }) => ({
    "client-certificate-data": base64(jane.cert),
    "client-key-data": "",
  })),
  "a certificate and an empty file for its key": withUser(({ jane, write }) => ({
    "client-certificate-data": base64(jane.cert),
    "client-key": write("key", ""),
  })),
  "a certificate, and impersonation": withUser(({ jane }) => ({
    "client-certificate-data": base64(jane.cert),
    "client-key-data": base64(jane.key),
    as: "alice",
  })),
  "a certificate, a username and a password": withUser(({ jane }) => ({
    "client-certificate-data": base64(jane.cert),
    "client-key-data": base64(jane.key),
    username: "a",
    password: "b",
  })),
  "a certificate in a file and as data": withUser(({ jane, write }) => ({
    "client-certificate": write("crt", jane.cert),
    "client-certificate-data": base64(jane.cert),
    "client-key-data": base64(jane.key),
  })),
  "a key in a file and as data": withUser(({ jane, write }) => ({
    "client-certificate-data": base64(jane.cert),
    "client-key": write("key", jane.key),
    "client-key-data": base64(jane.key),
  })),
};

const impersonation: Attempts = {
  "another user": withUser(({ token }) => ({ token, as: "alice" })),
  "another user in groups": withUser(({ token }) => ({ token, as: "jürgen", "as-groups": ["g1", "g2"] })),
  "another user with all there is": withUser(({ token }) => ({
    token,
    as: "joe",
    "as-uid": "77",
    "as-groups": ["g"],
    "as-user-extra": { "Scopes/x y": ["v,1", "w"], "50%": ["z"] },
  })),
  "groups without a user": withUser(({ token }) => ({ token, "as-groups": ["g"] })),
  "another user, without the right to": withUser(({ aliceToken }) => ({ token: aliceToken, as: "joe" })),
  "groups that are no list": withUser(({ token }) => ({ token, as: "joe", "as-groups": "g" })),
  "extra that is no list": withUser(({ token }) => ({ token, as: "joe", "as-user-extra": { a: "b" } })),
};

/** Users: tokens, certificates, and who acts as another. */
export const USERS: Attempts = { ...tokens, ...certificates, ...impersonation };
