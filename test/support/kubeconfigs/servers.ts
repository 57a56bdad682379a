import { type Attempts, base64, clusterOf, type Place, withCluster } from "./attempt.ts";

/** The server's URL with another host. */
const at = ({ server }: Place, host: string): string => server.replace("127.0.0.1", host);

const servers: Attempts = {
  "an authority as data": withCluster(({ server, ca }) => ({ server, "certificate-authority-data": base64(ca) })),
  "an authority as data, in lines": withCluster(({ server, ca }) => ({
    server,
    "certificate-authority-data": base64(ca).replace(/.{64}/g, "$&\n"),
  })),
  "an authority as data, in words": withCluster(({ server, ca }) => ({
    server,
    "certificate-authority-data": base64(ca).replace(/.{64}/g, "$& "),
  })),
  "an authority as data, without base64": withCluster(({ server, ca }) => ({ server, "certificate-authority-data": ca })),
  "an authority that is none": withCluster(({ server }) => ({ server, "certificate-authority-data": base64("hello") })),
  "an authority that is a key": withCluster(({ server, jane, write }) => ({
    server,
    "certificate-authority": write("ca", jane.key),
  })),
  "an authority among other things": withCluster(({ server, ca, jane, write }) => ({
    server,
    "certificate-authority": write("ca", `# mine\n${jane.key}\n${ca}`),
  })),
  "an authority in a file and as data": withCluster((place) => ({
    ...clusterOf(place),
    "certificate-authority-data": base64(place.ca),
  })),
  "an authority that is missing": withCluster(({ server }) => ({ server, "certificate-authority": "gone" })),
  "an authority that is empty": withCluster(({ server, write }) => ({ server, "certificate-authority": write("ca", "") })),
  "an authority of others": withCluster(({ server, jane, write }) => ({
    server,
    "certificate-authority": write("ca", jane.cert),
  })),
  "no authority": withCluster(({ server }) => ({ server })),
  "no verification": withCluster(({ server }) => ({ server, "insecure-skip-tls-verify": true })),
  "no verification, as a text": withCluster(({ server }) => ({ server, "insecure-skip-tls-verify": "true" })),
  "no verification, and an authority": withCluster((place) => ({ ...clusterOf(place), "insecure-skip-tls-verify": true })),
  "another name of the server": withCluster((place) => ({ ...clusterOf(place), "tls-server-name": "kubernetes.default.svc" })),
  "a wrong name of the server": withCluster((place) => ({ ...clusterOf(place), "tls-server-name": "other" })),
  "compression turned off": withCluster((place) => ({ ...clusterOf(place), "disable-compression": true })),
  "a server without a scheme": withCluster((place) => ({ ...clusterOf(place), server: place.server.slice(8) })),
  "a server without a scheme, with a path": withCluster((place) => ({
    ...clusterOf(place),
    server: `${place.server.slice(8)}/a`,
  })),
  "a server that is a word": withCluster(() => ({ server: "kube" })),
  "a server with a slash": withCluster((place) => ({ ...clusterOf(place), server: `${place.server}/` })),
  "a server with a path": withCluster((place) => ({ ...clusterOf(place), server: `${place.server}/a/b` })),
  "a server with a query": withCluster((place) => ({ ...clusterOf(place), server: `${place.server}/?a=b#c` })),
  "a server with a password": withCluster((place) => ({ ...clusterOf(place), server: place.server.replace("//", "//me:pw@") })),
  "a server in capitals": withCluster((place) => ({ ...clusterOf(place), server: place.server.toUpperCase() })),
  "a server with a space before it": withCluster((place) => ({ ...clusterOf(place), server: ` ${place.server}` })),
  "a server with a space behind it": withCluster((place) => ({ ...clusterOf(place), server: `${place.server} ` })),
  "a server by ftp": withCluster((place) => ({ ...clusterOf(place), server: place.server.replace("https", "ftp") })),
  "a server by http": withCluster((place) => ({ ...clusterOf(place), server: place.server.replace("https", "http") })),
  "a server with a port that is none": withCluster(() => ({ server: "https://127.0.0.1:port" })),
  "a server without slashes": withCluster((place) => ({ ...clusterOf(place), server: place.server.replace("//", "") })),
  "a server by its address in IPv6": withCluster((place) => ({ ...clusterOf(place), server: at(place, "[::ffff:127.0.0.1]") })),
  "a server by its address in IPv6, without brackets": withCluster((place) => ({
    ...clusterOf(place),
    server: at(place, "::1"),
  })),
  "a server by its address in IPv6, with a zone": withCluster((place) => ({
    ...clusterOf(place),
    server: at(place, "[fe80::1%25lo]"),
  })),
  "a server by localhost": withCluster((place) => ({ ...clusterOf(place), server: at(place, "localhost") })),
  "a server by a short address": withCluster((place) => ({ ...clusterOf(place), server: at(place, "127.1") })),
  "a server by a number": withCluster((place) => ({ ...clusterOf(place), server: at(place, "2130706433") })),
  "a server in octal": withCluster((place) => ({ ...clusterOf(place), server: at(place, "0177.0.0.1") })),
  "a server with a dot behind it": withCluster((place) => ({ ...clusterOf(place), server: at(place, "localhost.") })),
  "a server with two slashes": withCluster((place) => ({ ...clusterOf(place), server: `${place.server}//` })),
  "a server with dots in its path": withCluster((place) => ({ ...clusterOf(place), server: `${place.server}/a/../` })),
  "a server with a name only, in text that counts": withCluster((place) => ({
    ...clusterOf(place),
    server: `${place.server}/%2e`,
  })),
  "a server with a line break": withCluster((place) => ({ ...clusterOf(place), server: `${place.server}\n` })),
  "a server with an empty port": withCluster((place) => ({
    ...clusterOf(place),
    server: `${at(place, "127.0.0.1").replace(/\d+$/, "")}`,
  })),
  "a server with a port out of range": withCluster(() => ({ server: "https://127.0.0.1:70000" })),
  "a server without a host": withCluster(() => ({ server: "https://:6443" })),
  "a server without a scheme, by IPv6": withCluster((place) => ({ ...clusterOf(place), server: at(place, "[::1]").slice(8) })),
  "a server of two slashes only": withCluster((place) => ({ ...clusterOf(place), server: place.server.slice(6) })),
  "a name of the server that is an address": withCluster((place) => ({ ...clusterOf(place), "tls-server-name": "127.0.0.1" })),
  "a name of the server in capitals": withCluster((place) => ({ ...clusterOf(place), "tls-server-name": "KUBERNETES" })),
  "a name of the server with a dot behind it": withCluster((place) => ({
    ...clusterOf(place),
    "tls-server-name": "kubernetes.",
  })),
  "an empty name of the server": withCluster((place) => ({ ...clusterOf(place), "tls-server-name": "" })),
  "no verification, and an empty authority": withCluster(({ server }) => ({
    server,
    "insecure-skip-tls-verify": true,
    "certificate-authority": "",
    "certificate-authority-data": "",
  })),
  "no verification, and another name": withCluster(({ server }) => ({
    server,
    "insecure-skip-tls-verify": true,
    "tls-server-name": "x",
  })),
  "an authority as data with white space around": withCluster(({ server, ca }) => ({
    server,
    "certificate-authority-data": `\n${base64(ca)}\n`,
  })),
  "an authority as data without padding": withCluster(({ server, ca }) => ({
    server,
    "certificate-authority-data": base64(`${ca}\n`.padEnd(ca.length + 3 - (ca.length % 3) + 1)).replace(/=+$/, ""),
  })),
  "an authority as data for URLs": withCluster(({ server, ca }) => ({
    server,
    "certificate-authority-data": base64(`??>>${ca}`).replaceAll("+", "-").replaceAll("/", "_"),
  })),
  "an authority twice in one file": withCluster(({ server, ca, write }) => ({
    server,
    "certificate-authority": write("ca", ca + ca),
  })),
  "an authority behind a certificate that is none": withCluster(({ server, ca, write }) => ({
    server,
    "certificate-authority": write("ca", `-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n${ca}`),
  })),
  "an authority with CRLF": withCluster(({ server, ca, write }) => ({
    server,
    "certificate-authority": write("ca", ca.replaceAll("\n", "\r\n")),
  })),
  "an authority with a byte order mark": withCluster(({ server, ca, write }) => ({
    server,
    "certificate-authority": write("ca", `\ufeff${ca}`),
  })),
  "an authority without its last line break": withCluster(({ server, ca, write }) => ({
    server,
    "certificate-authority": write("ca", ca.trim()),
  })),
  "an authority in one line": withCluster(({ server, ca, write }) => ({
    server,
    "certificate-authority": write("ca", ca.replaceAll("\n", "")),
  })),
  "an authority with spaces before each line": withCluster(({ server, ca, write }) => ({
    server,
    "certificate-authority": write("ca", ca.replace(/^/gm, "  ")),
  })),
  "a TRUSTED CERTIFICATE for an authority": withCluster(({ server, ca, write }) => ({
    server,
    "certificate-authority": write("ca", ca.replaceAll("CERTIFICATE", "TRUSTED CERTIFICATE")),
  })),
  "an authority that is a folder": withCluster(({ server }) => ({ server, "certificate-authority": "." })),
  "no server": withCluster(({ caPath }) => ({ "certificate-authority": caPath })),
  "no cluster": withCluster(() => null),
};

const named = (place: Place) => ({
  ...clusterOf(place),
  server: place.server.replace("127.0.0.1", "kube.invalid"),
  "tls-server-name": "kubernetes.default.svc",
});
const proxies: Attempts = {
  "a proxy": withCluster((place) => ({ ...named(place), "proxy-url": place.proxy })),
  "a proxy to loopback": withCluster((place) => ({ ...clusterOf(place), "proxy-url": place.proxy })),
  "a proxy that is not there": withCluster((place) => ({ ...clusterOf(place), "proxy-url": "http://127.0.0.1:1" })),
  "a proxy that is none": withCluster((place) => ({ ...clusterOf(place), "proxy-url": "not a url" })),
  "a proxy without a scheme": withCluster((place) => ({ ...clusterOf(place), "proxy-url": place.proxy.slice(7) })),
  "a proxy by ftp": withCluster((place) => ({ ...clusterOf(place), "proxy-url": "ftp://proxy" })),
  "a proxy by socks5h": withCluster((place) => ({ ...clusterOf(place), "proxy-url": "socks5h://127.0.0.1:1" })),
  "an empty proxy": withCluster((place) => ({ ...clusterOf(place), "proxy-url": "" })),
  "a proxy of the environment": (place) => ({ ...withCluster(named)(place), env: { HTTPS_PROXY: place.proxy } }),
  "a proxy of the environment, in small letters, without a scheme": (place) => ({
    ...withCluster(named)(place),
    env: { https_proxy: place.proxy.slice(7) },
  }),
  "a proxy of the environment for others": (place) => ({
    ...withCluster(named)(place),
    env: { HTTPS_PROXY: place.proxy, NO_PROXY: ".invalid" },
  }),
  "a proxy of the environment for plain HTTP": (place) => ({ ...withCluster(named)(place), env: { HTTP_PROXY: place.proxy } }),
  "a proxy of the environment that is not there, to loopback": (place) => ({
    ...withCluster(clusterOf)(place),
    env: { HTTPS_PROXY: "http://127.0.0.1:1" },
  }),
  ...Object.fromEntries(
    [
      "*",
      "kube.invalid",
      "invalid",
      ".kube.invalid",
      "*.invalid",
      "KUBE.INVALID",
      "127.0.0.0/8",
      "kube.invalid:1",
      " kube.invalid ",
      "a,kube.invalid",
      "a kube.invalid",
      "kube",
      "https://kube.invalid",
      "kube.invalid.",
    ].map((list) => [
      `NO_PROXY ${JSON.stringify(list)}`,
      (place: Place) => ({ ...withCluster(named)(place), env: { HTTPS_PROXY: place.proxy, NO_PROXY: list } }),
    ]),
  ),
  ...Object.fromEntries(
    ["10.255.255.1", "10.255.255.0/24", "10.255.255.1/33", "10.255", "10.*", "::ffff:10.255.255.1", "10.255.255.1:1"].map((
      list,
    ) => [
      `NO_PROXY ${JSON.stringify(list)} for an address`,
      (place: Place) => ({
        ...withCluster((place) => ({ ...named(place), server: at(place, "0.255.255.1") }))(place),
        env: { HTTPS_PROXY: place.proxy, NO_PROXY: list.replaceAll("10.", "0.") },
      }),
    ]),
  ),
  "a proxy of the environment with a name and a password": (place) => ({
    ...withCluster(named)(place),
    env: { HTTPS_PROXY: place.proxy.replace("//", "//me:pw@") },
  }),
  "a proxy of the environment by socks5h": (place) => ({
    ...withCluster(named)(place),
    env: { HTTPS_PROXY: "socks5h://127.0.0.1:1" },
  }),
  "a proxy of the environment with a path": (place) => ({
    ...withCluster(named)(place),
    env: { HTTPS_PROXY: `${place.proxy}/a?b` },
  }),
  "a proxy of the environment in capitals": (place) => ({
    ...withCluster(named)(place),
    env: { HTTPS_PROXY: place.proxy.toUpperCase() },
  }),
  "a proxy of the environment that is empty, and one in small letters": (place) => ({
    ...withCluster(named)(place),
    env: { HTTPS_PROXY: "", https_proxy: place.proxy },
  }),
  "ALL_PROXY": (place) => ({ ...withCluster(named)(place), env: { ALL_PROXY: place.proxy } }),
  "a proxy with a space": withCluster((place) => ({ ...named(place), "proxy-url": ` ${place.proxy}` })),
  "a proxy in capitals": withCluster((place) => ({ ...named(place), "proxy-url": place.proxy.toUpperCase() })),
  "a proxy with a slash": withCluster((place) => ({ ...named(place), "proxy-url": `${place.proxy}/` })),
  "a proxy of the kubeconfig before that of the environment": (place) => ({
    ...withCluster((place) => ({ ...named(place), "proxy-url": place.proxy }))(place),
    env: { HTTPS_PROXY: "http://127.0.0.1:1", NO_PROXY: "*" },
  }),
};

/** Servers, how they are trusted, and proxies. */
export const SERVERS: Attempts = { ...servers, ...proxies };
