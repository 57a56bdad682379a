import { suite } from "uvu";
import * as assert from "uvu/assert";
import { proxyFromEnvironment } from "../../src/adapters/config/proxy-environment.ts";

const proxies = suite("the proxy of the environment, by Go's rules");
const PROXY = "http://proxy:3128";
const rows: [server: string, env: Record<string, string>, proxy: string | undefined][] = [
  ["https://kube:6443", {}, undefined],
  ["https://kube:6443", { HTTPS_PROXY: PROXY }, PROXY],
  ["https://kube:6443", { https_proxy: PROXY }, PROXY],
  ["https://kube:6443", { HTTPS_PROXY: PROXY, https_proxy: "http://other" }, PROXY],
  ["https://kube:6443", { HTTPS_PROXY: "", https_proxy: PROXY }, PROXY],
  ["https://kube:6443", { HTTP_PROXY: PROXY, ALL_PROXY: PROXY }, undefined],
  ["http://kube:8080", { http_proxy: PROXY }, PROXY],
  ["http://kube:8080", { HTTPS_PROXY: PROXY }, undefined],
  ["https://kube:6443", { HTTPS_PROXY: "proxy:3128" }, PROXY],
  ["https://kube:6443", { HTTPS_PROXY: "me:secret@proxy:3128" }, "http://me:secret@proxy:3128"],
  ["https://kube:6443", { HTTPS_PROXY: "https://me:p%40ss@proxy/" }, "https://me:p%40ss@proxy"],
  ["https://kube:6443", { HTTPS_PROXY: "socks5://proxy:1080" }, "socks5://proxy:1080"],
  ["https://kube:6443", { HTTPS_PROXY: "socks5h://proxy" }, "socks5h://proxy"],
  ["https://kube:6443", { HTTPS_PROXY: PROXY, no_proxy: "kube" }, undefined],
  ["https://kube:6443", { HTTPS_PROXY: PROXY, NO_PROXY: "other", no_proxy: "kube" }, PROXY],
  ["https://kube:6443", { HTTPS_PROXY: "no url", NO_PROXY: "kube" }, undefined],
];
for (const [server, env, proxy] of rows) {
  proxies(`${server} with ${JSON.stringify(env)}`, () => assert.is(proxyFromEnvironment(server, env), proxy));
}

for (
  const [value, shown] of [
    ["http://", "http://"],
    ["://", "://"],
    ["ftp://me:secret@proxy", "ftp://me:***@proxy"],
    ["http://me:se@cret@pro xy", "http://me:***@pro xy"],
    ["http://me:se/cret@proxy", "http://me:***@proxy"],
    ["me:secret@pro xy", "me:***@pro xy"],
    ["[::1", "[::1"],
    ["proxy:port", "proxy:port"],
  ] as const
) {
  proxies(`a value that is none is named, without its password: ${shown}`, () => {
    assert.throws(() => proxyFromEnvironment("https://kube", { HTTPS_PROXY: value }), (error: Error) => {
      assert.is(error.name, "SetupError");
      assert.is(error.message, `HTTPS_PROXY is not the URL of a proxy (http, https or socks5): ${shown}`);
      return true;
    });
  });
}
proxies.run();

/** Never through a proxy. */
const LOOPBACK = [
  "https://127.0.0.1:1",
  "https://127.9.9.9",
  "https://[::1]:5",
  "https://[::ffff:127.0.0.1]",
  "https://localhost:6443",
];
/** Reached directly where NO_PROXY says so. */
const SERVERS = [
  "http://kube.acme.io",
  "http://kube.acme.io:8080",
  "https://0.0.0.0:1",
  "https://10.1.2.3:6443",
  "https://[::ffff:10.1.2.3]:6443",
  "https://[fd00::1]:6443",
  "https://acme.io",
  "https://bücher.example",
  "https://kube.acme.io",
  "https://kube.acme.io.",
  "https://kube.acme.io:6443",
  "https://x.localhost",
  "https://xacme.io",
] as const;
/**
 * What `httpproxy.Config.ProxyFunc` of golang.org/x/net 0.47 answered: NO_PROXY, and which of the servers above it names.
 */
const NAMED: readonly (readonly [list: string, servers: readonly number[]])[] = [
  ["", []],
  [" acme.io , x", [0, 1, 6, 8, 10]],
  ["*", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]],
  ["*,x", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]],
  ["*.", [9]],
  ["*.acme.io", [0, 1, 8, 10]],
  ["*acme.io", []],
  [",,", []],
  [".", [9]],
  [".acme.io", [0, 1, 8, 10]],
  [".acme.io:6443", [10]],
  ["0.0.0.0/0", [2, 3, 4]],
  ["010.1.2.3", []],
  ["10.", []],
  ["10.0.0.0/", []],
  ["10.0.0.0/8", [3, 4]],
  ["10.0.0.0/99", []],
  ["10.1.2", []],
  ["10.1.2.3", [3, 4]],
  ["10.1.2.3/32", [3, 4]],
  ["10.1.2.3:443", []],
  ["10.1.2.3:6443", [3, 4]],
  ["127.0.0.1", []],
  ["2130706433", []],
  [":6443", []],
  ["::/0", [5]],
  ["::ffff:10.1.2.3", [3, 4]],
  ["ACME.IO", [0, 1, 6, 8, 10]],
  ["[fd00::1]", []],
  ["[fd00::1]:443", []],
  ["[fd00::1]:6443", [5]],
  ["a*me.io", []],
  ["acme.io", [0, 1, 6, 8, 10]],
  ["acme.io.", [9]],
  ["acme.io:6443", [10]],
  ["bücher.example", [7]],
  ["fd00::/8", [5]],
  ["fd00::1", [5]],
  ["http://acme.io", []],
  ["io", [0, 1, 6, 8, 10, 12]],
  ["kube.acme.io", [0, 1, 8, 10]],
  ["kube.acme.io:443", [8]],
  ["kube.acme.io:6443", [10]],
  ["localhost", [11]],
  ["x acme.io", []],
  ["xn--bcher-kva.example", [7]],
];
const exemptions = suite("servers that NO_PROXY names, by Go's rules");
for (const [list, servers] of NAMED) {
  exemptions(JSON.stringify(list), () => {
    const env = { HTTPS_PROXY: PROXY, HTTP_PROXY: PROXY, NO_PROXY: list };
    const direct = (server: string) => proxyFromEnvironment(server, env) === undefined;
    assert.equal(SERVERS.filter(direct), servers.map((index) => SERVERS[index]));
    assert.equal(LOOPBACK.filter(direct), LOOPBACK);
  });
}
exemptions.run();
