/** What VS Code's `http.*` settings and the environment say of proxies. */
export interface ProxySettings {
  readonly support: string;
  readonly proxy: string;
  readonly noProxy: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The proxy for a URL, in VS Code's order: loopback is direct; then `http.noProxy` or NO_PROXY; then `http.proxy`; then the
 * environment. Undefined: direct.
 */
export function chooseProxy(url: URL, { support, proxy, noProxy, env }: ProxySettings): string | undefined {
  if (support === 'off' || isLoopback(url.hostname)) return undefined;
  const excluded = noProxy.length > 0 ? noProxy : (variable(env, 'NO_PROXY') ?? '').split(',');
  if (excluded.some((pattern) => matches(url, pattern.trim().toLowerCase()))) return undefined;
  const fromEnv = url.protocol === 'https:' ? variable(env, 'HTTPS_PROXY') : undefined;
  const chosen = proxy !== '' ? proxy : (fromEnv ?? variable(env, 'HTTP_PROXY'));
  if (chosen === undefined || chosen === '') return undefined;
  return /^https?:\/\//i.test(chosen) ? chosen : `http://${chosen}`;
}

function variable(env: ProxySettings['env'], name: string): string | undefined {
  return env[name.toLowerCase()] ?? env[name];
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** `*`, `host`, `.domain`, `*.domain`, each with or without `:port`. */
function matches(url: URL, pattern: string): boolean {
  if (pattern === '') return false;
  if (pattern === '*') return true;
  const [, name = '', port] = /^(.*?)(?::(\d+))?$/.exec(pattern) ?? [];
  const actual = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  if (port !== undefined && port !== actual) return false;
  const domain = name.replace(/^\*?\./, '');
  return url.hostname === domain || (domain !== '' && url.hostname.endsWith(`.${domain}`));
}
