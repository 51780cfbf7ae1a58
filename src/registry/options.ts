/** How one registry is reached. All of it comes from user or machine settings, never from a workspace. */
export interface RegistryOptions {
  /** `host[:port]` as in Reference.registry. */
  readonly registry: string;
  readonly alias?: string;
  /** Speak plain HTTP. Loopback hosts are tried with plain HTTP without it. */
  readonly plainHttp?: boolean;
  /** Do not check the server's certificate. */
  readonly insecure?: boolean;
  /** PEM texts, read by the caller. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Origins (`https://auth.example.com`) that may receive this registry's credential as its token service. */
  readonly tokenRealms?: readonly string[];
  readonly catalog?: 'auto' | 'on' | 'off';
  readonly namespaces?: readonly string[];
  readonly readOnly?: boolean;
}

/** Limits of everything that is sent; all settable at machine scope. */
export interface NetworkOptions {
  /** Seconds without a header or a byte. */
  readonly timeoutSeconds: number;
  /** Tries after the first. */
  readonly retries: number;
  /** Requests under way to one registry. */
  readonly concurrency: number;
  /** Bytes of one chunk where a registry wants chunked uploads. */
  readonly chunkSize: number;
  readonly userAgent: string;
  /** The proxy for a URL, with any login in the URL; undefined: direct. */
  readonly proxyFor?: (url: URL) => Promise<string | undefined> | string | undefined;
  /** More trusted certificate authorities, PEM. */
  readonly ca?: readonly string[];
}

export const defaultNetwork: NetworkOptions = {
  timeoutSeconds: 30,
  retries: 4,
  concurrency: 6,
  chunkSize: 16 << 20,
  userAgent: 'gantry',
};
