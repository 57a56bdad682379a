import { suite } from "uvu";
import * as assert from "uvu/assert";
import { masked, proxyFromEnvironment } from "../../src/adapters/proxy-environment.ts";

const proxies = suite("the proxy of the environment, by Go's rules");
const PROXY = "http://proxy:3128";
const rows: [server: string, env: Record<string, string>, proxy: string | undefined][] = [
  ["https://kube:6443", {}, undefined],
  ["https://kube:6443", { HTTPS_PROXY: PROXY }, PROXY],
  ["https://kube:6443", { https_proxy: PROXY }, PROXY],
  ["https://kube:6443", { HTTPS_PROXY: PROXY, https_proxy: "http://other" }, PROXY],
  ["https://kube:6443", { HTTP_PROXY: PROXY }, undefined],
  ["http://kube:8080", { http_proxy: PROXY }, PROXY],
  ["https://kube:6443", { HTTPS_PROXY: "proxy:3128" }, PROXY],
  ["https://kube:6443", { HTTPS_PROXY: "socks5://proxy:1080" }, "socks5://proxy:1080"],
  ["https://localhost:6443", { HTTPS_PROXY: PROXY }, undefined],
  ["https://127.8.9.1:6443", { HTTPS_PROXY: PROXY }, undefined],
  ["https://[::1]:6443", { HTTPS_PROXY: PROXY }, undefined],
  ...([
    ["*", true],
    ["kube.example.com", true],
    ["example.com", true],
    [".example.com", true],
    ["*.example.com", true],
    [".kube.example.com", false],
    ["KUBE.example.COM", true],
    ["ample.com", false],
    ["other, example.com", true],
    ["example.com:6443", true],
    ["example.com:443", false],
    ["", false],
  ] as const).map(([list, exempt]): [string, Record<string, string>, string | undefined] => [
    "https://kube.example.com:6443",
    { HTTPS_PROXY: PROXY, NO_PROXY: list },
    exempt ? undefined : PROXY,
  ]),
  ...([
    ["10.0.0.0/8", true],
    ["10.1.2.3", true],
    ["10.1.2.3:6443", true],
    ["10.1.2.3:443", false],
    ["10.1.2.4", false],
    ["10.1.2.0/30", true],
    ["10.1.2.4/30", false],
    [".2.3", false],
  ] as const).map(([list, exempt]): [string, Record<string, string>, string | undefined] => [
    "https://10.1.2.3:6443",
    { HTTPS_PROXY: PROXY, no_proxy: list },
    exempt ? undefined : PROXY,
  ]),
  ["https://[fd00::1]:6443", { HTTPS_PROXY: PROXY, NO_PROXY: "fd00::/8" }, undefined],
  ["https://[fd00::1]:6443", { HTTPS_PROXY: PROXY, NO_PROXY: "fd00:0:0::1" }, undefined],
  ["https://[fd00::1]:6443", { HTTPS_PROXY: PROXY, NO_PROXY: "[fd00::1]:6443" }, undefined],
  ["https://[fd00::1]:6443", { HTTPS_PROXY: PROXY, NO_PROXY: "fe80::/10" }, PROXY],
];
for (const [server, env, proxy] of rows) {
  proxies(`${server} with ${JSON.stringify(env)}`, () => assert.is(proxyFromEnvironment(new URL(server), env), proxy));
}
proxies("a value that is none is named, without its password", () => {
  assert.throws(() => proxyFromEnvironment(new URL("https://kube"), { HTTPS_PROXY: "ftp://me:secret@x y" }), (error: Error) => {
    assert.is(error.message, "HTTPS_PROXY is not the URL of a proxy (http, https or socks5): ftp://me:***@x y");
    return true;
  });
  assert.is(masked("me:secret@proxy:3128"), "me:***@proxy:3128");
  assert.is(masked("http://proxy:3128"), "http://proxy:3128");
});
proxies.run();
