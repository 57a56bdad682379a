/**
 * What expressions answer. The answers are those of a genuine 1.35.
 *
 * @module
 */
import { at, type Case, object } from "./cel-schemas.ts";

/** A rule that holds for a value of the schema above. */
const holds = (rule: string, value: Record<string, unknown>): Case => ({
  name: rule,
  schema: at(object, [rule]),
  value,
  answers: [],
});
/** One that cannot be evaluated. */
const breaks = (rule: string, value: Record<string, unknown>, why: string): Case =>
  fails(rule, value, `"object": ${why} evaluating rule: ${rule}`);
/** One that does not. */
const fails = (rule: string, value: Record<string, unknown>, answer: string = `failed rule: ${rule}`): Case => ({
  name: rule,
  schema: at(object, [rule]),
  value,
  answers: [`spec.v: Invalid value: ${answer}`],
});

/** Expressions and what they are worth. */
export const expressions: readonly Case[] = [
  holds("self.s == 'a'", { s: "a" }),
  fails("self.s == 'a'", { s: "b" }),
  breaks("self.s == 'a'", {}, "no such key: s"),
  holds("!has(self.s) || self.s == 'a'", {}),
  holds("has(self.o) && has(self.o.s) && self.o.s == 'x'", { o: { s: "x" } }),
  fails("has(self.m.k)", { m: {} }),
  holds("has(self.m.k)", { m: { k: "" } }),
  fails("has(self.nothing)", { nothing: null }),
  holds("self.d > 1 && self.d < 2.0", { d: 1.5 }),
  holds("self.d == 2.0", { d: 2 }),
  holds("self.n + 1 == 2 && self.n * 3 == 3 && self.n - 2 == -1 && 7 / 2 == 3 && 7 % 2 == self.n", { n: 1 }),
  breaks("self.n / 0 == 1", { n: 1 }, "division by zero"),
  breaks("self.n % 0 == 1", { n: 1 }, "modulus by zero"),
  breaks("self.n + 9223372036854775807 > 0", { n: 1 }, "integer overflow"),
  holds("self.texts[0] == 'a'", { texts: ["a"] }),
  breaks("self.texts[1] == 'a'", { texts: ["a"] }, "index out of bounds: 1"),
  breaks("self.m['x'] == 'a'", { m: {} }, "no such key: x"),
  holds("self.request__dash__uid == 'a' && self.a__dot__b == 'b'", { "request-uid": "a", "a.b": "b" }),
  holds("self.namespace == 'a' && self.__namespace__ == 'a' && has(self.namespace)", { namespace: "a" }),
  holds("self.either == 1", { either: 1 }),
  holds("self.either == '50%'", { either: "50%" }),
  holds("type(self.either) == int ? self.either > 1 : self.either.endsWith('%')", { either: "50%" }),
  fails(
    "self.either > 1",
    { either: "50%" },
    "\"object\": 'no such overload': call arguments did not match a supported operator, function or macro signature for rule: self.either > 1",
  ),
  holds("self.at > timestamp('2020-01-01T00:00:00Z') && self.at.getFullYear() == 2024", { at: "2024-05-01T10:00:00.5+02:00" }),
  holds("self.at.getHours() == 8 && self.at.getMonth() == 4 && self.at.getDate() == 1 && self.at.getDayOfMonth() == 0", {
    at: "2024-05-01T10:00:00+02:00",
  }),
  holds("self.on.getFullYear() == 2024", { on: "2024-05-01" }),
  holds("self.long > duration('59m') && self.long.getMinutes() == 60", { long: "1h" }),
  holds("self.at + self.long > self.at", { at: "2024-05-01T10:00:00Z", long: "1s" }),
  holds("self.o == self.o && self.texts == self.texts && self.m == self.m", { o: { n: 1 }, texts: ["a"], m: { a: "b" } }),
  fails("self.o != self.o", { o: { n: 1 } }),
  holds("self.wholes == [1, 2] && self.m == {'a': 'b'}", { wholes: [1, 2], m: { a: "b" } }),
  holds("1 in self.wholes && !(3 in self.wholes) && 'a' in self.m && !('z' in self.m)", { wholes: [1, 2], m: { a: "b" } }),
  holds("self.set.all(x, x.size() == 1) && self.set.exists(x, x == 'b')", { set: ["a", "b"] }),
  holds("self.keyed.exists(e, e.k == 'a' && e.n == 1) && self.keyed.filter(e, has(e.n)).size() == 1", {
    keyed: [{ k: "a", n: 1 }, { k: "b" }],
  }),
  holds("self.keyed[0] in self.keyed && self.keyed.exists(e, e == self.keyed[1]) && self.keyed[0] != self.keyed[1]", {
    keyed: [{ k: "a", n: 1 }, { k: "b" }],
  }),
  holds("self.o in [self.o] && {'a': self.o}['a'] == self.o && [self.o].size() == 1", { o: { s: "a" } }),
  holds("string(self.long) == '5400s'", {
    at: "2024-05-01T10:00:00.5+02:00",
    long: "1h30m",
  }),
  holds("self.at - timestamp('2024-05-01T00:00:00Z') == duration('8h') && int(self.at) == 1714550400", {
    at: "2024-05-01T08:00:00Z",
  }),
  holds("self.?o.orValue(self.o) == self.o && self.?texts.orValue([]).size() == 0", { o: {} }),
  holds("self.s.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$') && self.s.matches(self.t)", { s: "a-1", t: "^a" }),
  holds("(self.n > 1 ? [self.n] : []).size() == 1 && -self.d < 0.0 && dyn(self.n) == 2 && type(self.n) == int", { n: 2, d: 1.5 }),
  holds("self.texts.map(x, x + '!') == ['a!'] && self.texts.map(x, x != 'a', x).size() == 0", { texts: ["a"] }),
  holds("self.texts.exists_one(x, x == 'a')", { texts: ["a", "b"] }),
  fails("self.texts.exists_one(x, x == 'a')", { texts: ["a", "a"] }),
  holds("self.wholes.all(i, e, i == e)", { wholes: [0, 1, 2] }),
  fails("self.wholes.all(i, e, i == e)", { wholes: [0, 2] }),
  holds("self.wholes.exists(i, e, i == 1 && e == 2)", { wholes: [0, 2] }),
  holds("self.texts.existsOne(i, e, e == 'a') && self.texts.exists_one(i, e, i == 0)", { texts: ["a", "b"] }),
  holds("self.m.all(k, v, k == v) && self.m.exists(k, k == 'a')", { m: { a: "a" } }),
  holds("self.m.exists(k, v, k == 'b' && v == 'c')", { m: { a: "a", b: "c" } }),
  holds("self.texts.transformList(i, e, e.size() + i) == [1, 3]", { texts: ["a", "bc"] }),
  holds("self.texts.transformList(i, e, i > 0, e) == ['b']", { texts: ["a", "b"] }),
  holds("self.m.transformMap(k, v, k + v) == {'a': 'ab'}", { m: { a: "b" } }),
  holds("self.m.transformMap(k, v, k == 'c', v) == {'c': 'd'}", { m: { a: "b", c: "d" } }),
  holds("self.wholes.all(i, x, self.wholes.all(j, y, i == j || x != y))", { wholes: [1, 2, 3] }),
  fails("self.wholes.all(i, x, self.wholes.all(j, y, i == j || x != y))", { wholes: [1, 2, 1] }),
  holds("self.wholes.exists(x, 1 / x == 1)", { wholes: [0, 1] }),
  breaks("self.wholes.exists(x, 1 / x == 5)", { wholes: [0, 1] }, "division by zero"),
  holds("self.wholes.exists(i, x, 1 / x == 1)", { wholes: [0, 1] }),
  holds("true || self.n / 0 == 1", { n: 1 }),
  holds("self.n / 0 == 1 || true", { n: 1 }),
  fails("self.n / 0 == 1 && false", { n: 1 }),
  holds("self.?s.orValue('x') == 'x' && self.?o.?s.orValue('y') == 'y'", {}),
  holds("self.?o.s.orValue('') == 'z' && self.?o.?s.hasValue()", { o: { s: "z" } }),
  holds("self.?s.optMap(x, x.size()).orValue(-1) == -1", {}),
  holds("self.?s.optMap(x, x.size()).orValue(-1) == 1", { s: "a" }),
  holds("self.?o.optFlatMap(x, x.?s).orValue('none') == 'a'", { o: { s: "a" } }),
  holds("self.m[?'a'].orValue('') == 'b' && self.texts[?3].orValue('z') == 'z'", { m: { a: "b" }, texts: [] }),
  holds("optional.of(1).value() == 1 && !optional.none().hasValue() && !optional.ofNonZeroValue(0).hasValue()", {}),
  holds("self.texts.first().value() == 'a' && self.texts.last().value() == 'b'", { texts: ["a", "b"] }),
];

/** Functions that Kubernetes adds to the language. */
export const functions: readonly Case[] = [
  holds("self.wholes.isSorted() && self.wholes.sum() == 6 && self.wholes.min() == 1 && self.wholes.max() == 3", {
    wholes: [1, 2, 3],
  }),
  fails("self.wholes.isSorted()", { wholes: [2, 1] }),
  breaks("self.wholes.min() == 1", { wholes: [] }, "min called on empty list"),
  holds("self.texts.indexOf('b') == 1 && self.texts.lastIndexOf('a') == 2 && self.texts.indexOf('z') == -1", {
    texts: ["a", "b", "a"],
  }),
  holds("self.wholes.slice(1, 2) == [2] && self.wholes.reverse() == [3, 2, 1] && self.wholes.distinct().size() == 3", {
    wholes: [1, 2, 3],
  }),
  holds("[[1], [2, 3]].flatten() == [1, 2, 3] && [3, 1, 2].sort() == [1, 2, 3] && lists.range(2) == [0, 1]", {}),
  holds("self.texts.join('-') == 'a-b' && self.texts.join() == 'ab'", { texts: ["a", "b"] }),
  holds(
    "sets.contains(self.texts, ['a']) && sets.intersects(self.texts, ['b', 'c']) && sets.equivalent(self.texts, ['b', 'a'])",
    {
      texts: ["a", "b"],
    },
  ),
  holds("self.s.charAt(1) == 'é' && self.s.indexOf('b') == 2 && self.s.lastIndexOf('a') == 0 && self.s.size() == 3", {
    s: "aéb",
  }),
  holds("self.s.substring(1) == '😀b' && self.s.substring(0, 2) == 'a😀' && self.s.indexOf('b', 1) == 2", { s: "a😀b" }),
  breaks("self.s.substring(5) == ''", { s: "ab" }, "index out of range: 5"),
  holds("self.s.lowerAscii() == 'aÉ' && self.s.upperAscii() == 'AÉ' && ' a '.trim() == 'a'", { s: "AÉ" }),
  holds("self.s.split(',') == ['a', 'b', 'c'] && self.s.split(',', 2) == ['a', 'b,c']", { s: "a,b,c" }),
  holds("self.s.replace('a', 'b') == 'bbb' && self.s.replace('a', 'b', 1) == 'bba'", { s: "aba" }),
  holds("self.s.startsWith('a') && self.s.endsWith('c') && self.s.contains('b')", { s: "abc" }),
  holds("self.s.matches('^[a-z]+$') && self.s.matches('(?i)^ABC$') && matches(self.s, 'b')", { s: "abc" }),
  holds("self.s.find('[0-9]+') == '12' && self.s.findAll('[0-9]+') == ['12', '3'] && self.s.findAll('[0-9]+', 1) == ['12']", {
    s: "a12b3",
  }),
  holds("'%s is %d, %.2f, %x, %s'.format([self.s, self.n, 1.5, 255, [1, 2]]) == 'a is 1, 1.50, ff, [1, 2]'", { s: "a", n: 1 }),
  holds("strings.quote(self.s) == '\"a\\\\n\"'", { s: "a\n" }),
  holds(
    "string(self.n) == '1' && int('2') == 2 && double('1.5') == 1.5 && bool('true') && uint(1) == 1u && string(1.5) == '1.5'",
    { n: 1 },
  ),
  breaks("int(self.s) == 1", { s: "x" }, "type conversion error from 'string' to 'int'"),
  holds("isURL(self.s) && url(self.s).getHost() == 'example.com:443' && url(self.s).getHostname() == 'example.com'", {
    s: "https://example.com:443/a?b=1",
  }),
  holds("url(self.s).getScheme() == 'https' && url(self.s).getPort() == '443' && url(self.s).getEscapedPath() == '/a'", {
    s: "https://example.com:443/a?b=1",
  }),
  holds("url(self.s).getQuery() == {'b': ['1', '2']} && !isURL('nope') && isURL('/a')", { s: "https://example.com/a?b=1&b=2" }),
  holds("quantity(self.s).isGreaterThan(quantity('1Gi')) && isQuantity('250m') && !isQuantity('x')", { s: "1.5Gi" }),
  holds("quantity(self.s).compareTo(quantity('1000m')) == 0 && quantity(self.s) == quantity('1000m')", { s: "1" }),
  holds("quantity(self.s).add(quantity('1')).sub(1).asInteger() == 5 && quantity('1.5').asApproximateFloat() == 1.5", { s: "5" }),
  holds("ip(self.s).family() == 4 && !isIP('1.2.3') && ip('::1').isLoopback() && ip.isCanonical('::1')", { s: "1.2.3.4" }),
  holds(
    "!ip.isCanonical('::0001') && string(ip('2001:db8:0:0:1::1')) == '2001:db8::1:0:0:1' && ip('10.0.0.1').isGlobalUnicast()",
    {},
  ),
  holds("cidr(self.s).containsIP('10.1.2.3') && cidr(self.s).containsCIDR('10.1.0.0/16') && cidr(self.s).prefixLength() == 8", {
    s: "10.0.0.0/8",
  }),
  holds("isCIDR(self.s) && cidr(self.s).masked() == cidr('10.0.0.0/8') && cidr(self.s).ip() == ip('10.1.1.1')", {
    s: "10.1.1.1/8",
  }),
];
