import { kubeconfig } from "../files.ts";
import { type Attempt, type Attempts, clusterOf, type Place } from "./attempt.ts";

/** Variables of the environment, and no file that is named otherwise. */
const withEnvironment = (env: (place: Place) => Readonly<Record<string, string>>) => (place: Place): Attempt => ({
  env: env(place),
});
/** A whole kubeconfig; `more` takes the place of its members. */
const whole = (place: Place, more: object = {}): string =>
  JSON.stringify({ ...kubeconfig(clusterOf(place), { token: place.token }), ...more });
const list = (place: Place, ...contents: string[]): string =>
  contents.map((content, index) => place.write(`list-${index}`, content)).join(":");

/** Where kubeconfigs are looked for, and how several become one. */
export const SOURCES: Attempts = {
  "KUBECONFIG with one file": withEnvironment((place) => ({ KUBECONFIG: list(place, whole(place)) })),
  "KUBECONFIG with a cluster here and a user there": withEnvironment((place) => ({
    KUBECONFIG: list(place, whole(place, { users: [] }), whole(place, { clusters: [], contexts: [], "current-context": "" })),
  })),
  "KUBECONFIG with a user in two files": withEnvironment((place) => ({
    KUBECONFIG: list(place, whole(place), whole(place, { users: [{ name: "u", user: { token: "nope" } }] })),
  })),
  "KUBECONFIG with a user in two files, the bad one first": withEnvironment((place) => ({
    KUBECONFIG: list(place, whole(place, { users: [{ name: "u", user: { token: "nope" } }] }), whole(place)),
  })),
  "KUBECONFIG with an empty user first": withEnvironment((place) => ({
    KUBECONFIG: list(place, whole(place, { users: [{ name: "u", user: {} }] }), whole(place)),
  })),
  "KUBECONFIG with a user in two files, each with another member": withEnvironment((place) => ({
    KUBECONFIG: list(place, whole(place, { users: [{ name: "u", user: { as: "alice" } }] }), whole(place)),
  })),
  "KUBECONFIG with a cluster in two files, each with another member": withEnvironment((place) => ({
    KUBECONFIG: list(
      place,
      whole(place, { clusters: [{ name: "c", cluster: { server: place.server } }] }),
      whole(place, { clusters: [{ name: "c", cluster: { ...clusterOf(place), server: "https://127.0.0.1:9" } }] }),
    ),
  })),
  "KUBECONFIG with a context in two files, each with another member": withEnvironment((place) => ({
    KUBECONFIG: list(
      place,
      whole(place, { contexts: [{ name: "x", context: { user: "u" } }] }),
      whole(place),
    ),
  })),
  "KUBECONFIG with two current contexts": withEnvironment((place) => ({
    KUBECONFIG: list(place, whole(place), whole(place, { "current-context": "gone" })),
  })),
  "KUBECONFIG with a current context in the second file": withEnvironment((place) => ({
    KUBECONFIG: list(place, whole(place, { "current-context": "" }), whole(place)),
  })),
  "KUBECONFIG with a file that is missing": withEnvironment((place) => ({ KUBECONFIG: `/gone:${list(place, whole(place))}` })),
  "KUBECONFIG with missing files only": withEnvironment(() => ({ KUBECONFIG: "/gone:/away" })),
  "KUBECONFIG with an empty file": withEnvironment((place) => ({ KUBECONFIG: list(place, "", whole(place)) })),
  "KUBECONFIG with a broken file": withEnvironment((place) => ({ KUBECONFIG: list(place, whole(place), "a: [") })),
  "KUBECONFIG with a file of another kind": withEnvironment((place) => ({
    KUBECONFIG: list(place, whole(place), '{"kind":"Pod","apiVersion":"v1"}'),
  })),
  "KUBECONFIG with a folder": withEnvironment((place) => ({ KUBECONFIG: `/tmp:${list(place, whole(place))}` })),
  "KUBECONFIG with nothing between colons": withEnvironment((place) => ({ KUBECONFIG: `::${list(place, whole(place))}:` })),
  "KUBECONFIG with spaces around": withEnvironment((place) => ({ KUBECONFIG: ` ${list(place, whole(place))} ` })),
  "KUBECONFIG with a file named twice": withEnvironment((place) => {
    const path = list(place, whole(place));
    return { KUBECONFIG: `${path}:${path}` };
  }),
  "KUBECONFIG that is empty, and a home": withEnvironment((place) => {
    place.write("home/.kube/config", whole(place));
    return { KUBECONFIG: "", HOME: place.write("home/x", "").replace(/\/x$/, "") };
  }),
  "a home": withEnvironment((place) => {
    place.write("home/.kube/config", whole(place));
    return { HOME: place.write("home/x", "").replace(/\/x$/, "") };
  }),
  "a home whose file is empty": withEnvironment((place) => {
    place.write("home/.kube/config", "");
    return { HOME: place.write("home/x", "").replace(/\/x$/, "") };
  }),
  "token files relative to each file": withEnvironment((place) => {
    place.write("there/token", place.token);
    const users = place.write(
      "there/users",
      whole(place, { clusters: [], users: [{ name: "u", user: { tokenFile: "token" } }] }),
    );
    return { KUBECONFIG: `${list(place, whole(place, { users: [] }))}:${users}` };
  }),
};
