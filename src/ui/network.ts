import { getCACertificates } from 'node:tls';
import { workspace } from 'vscode';
import { stringList } from '../oci/json.ts';
import { chooseProxy } from './proxyChoice.ts';

/** How VS Code's own settings want connections to be made. */
export interface HostNetwork {
  readonly proxyFor: (url: URL) => string | undefined;
  readonly ca: readonly string[];
}

/** Reads `http.proxy`, `http.noProxy`, `http.proxySupport` and `http.systemCertificates`. */
export function hostNetwork(): HostNetwork {
  const http = workspace.getConfiguration('http');
  const settings = {
    support: http.get<string>('proxySupport') ?? 'override',
    proxy: http.get<string>('proxy') ?? '',
    noProxy: stringList(http.get<unknown>('noProxy')),
    env: process.env,
  };
  const system = http.get<boolean>('systemCertificates') !== false;
  return { proxyFor: (url) => chooseProxy(url, settings), ca: system ? getCACertificates('system') : [] };
}
