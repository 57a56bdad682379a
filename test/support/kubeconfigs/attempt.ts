/**
 * Kubeconfigs, good and bad, to be tried by kubectl and by the library.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { kubeconfig } from "../files.ts";

/** What the kubeconfigs are about. */
export interface Place {
  readonly server: string;
  readonly caPath: string;
  /** PEM. */
  readonly ca: string;
  /** Of the user admin. */
  readonly token: string;
  readonly aliceToken: string;
  /** Certificates of two users, in PEM. */
  readonly jane: { readonly cert: string; readonly key: string };
  readonly john: { readonly cert: string; readonly key: string };
  /** Of an authority that the server does not trust. */
  readonly strangers: { readonly cert: string; readonly key: string };
  /** URL of a proxy that reaches loopback by any name. */
  readonly proxy: string;
  /** Writes a file beside the kubeconfig. @returns Its path. */
  write(name: string, content: string): string;
}

/** One of them. */
export interface Attempt {
  /** The content of the file, which is named then; an object is written as JSON, bytes as they are. */
  readonly config?: string | object;
  readonly context?: string;
  readonly master?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** By name: what is tried. */
export type Attempts = Readonly<Record<string, (place: Place) => Attempt>>;

export const base64 = (text: string): string => Buffer.from(text).toString("base64");
export const clusterOf = ({ server, caPath }: Place): { server: string; "certificate-authority": string } => ({
  server: server,
  "certificate-authority": caPath,
});
export const V1 = "client.authentication.k8s.io/v1";

export const withUser = (user: (place: Place) => object) => (place: Place): Attempt => ({
  config: kubeconfig(clusterOf(place), user(place)),
});
export const withCluster = (cluster: (place: Place) => object | null) => (place: Place): Attempt => ({
  config: { ...kubeconfig({}, { token: place.token }), clusters: [{ name: "c", cluster: cluster(place) }] },
});
