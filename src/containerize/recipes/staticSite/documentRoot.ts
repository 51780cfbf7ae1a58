import { nameOfBase } from '../folder/nameOfBase.ts';

/** Bases of web servers that a site is put on, the best first. */
export const webServers: readonly string[] = [
  'nginxinc/nginx-unprivileged:alpine',
  'nginx:alpine',
  'caddy:alpine',
  'httpd:alpine',
];

const roots: readonly (readonly [name: RegExp, root: string])[] = [
  [/nginx/, '/usr/share/nginx/html'],
  [/^caddy/, '/usr/share/caddy'],
  [/^httpd$/, '/usr/local/apache2/htdocs'],
  [/^static-web-server$/, '/public'],
  [/^(?:php|apache)/, '/var/www/html'],
];

/** Where a web server's image has its files, by the image's name; nginx's place for names that are not known. */
export function documentRoot(base: string): { readonly root: string; readonly isKnown: boolean } {
  const name = nameOfBase(base);
  const found = roots.find(([pattern]) => pattern.test(name));
  return { root: found?.[1] ?? '/usr/share/nginx/html', isKnown: found !== undefined };
}
