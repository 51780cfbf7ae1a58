import type { PreflightReason } from '../../api.ts';
import { sizeOf } from '../../archive/layerStack.ts';
import type { BaseFiles } from './baseFiles.ts';

/** Where TLS libraries look (Go's crypto/x509 has the longest list). */
const certificates = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** What many programs need and start without. */
export function missingConveniences(base: BaseFiles): readonly PreflightReason[] {
  const file = base.variable('SSL_CERT_FILE');
  const has = [...certificates, ...(file === undefined ? [] : [file])].some((path) => {
    const node = base.find(path);
    return node !== undefined && sizeOf(node) > 0;
  });
  const zones = base.find('/usr/share/zoneinfo')?.children;
  return [...(has ? [] : [noCertificates]), ...(zones === undefined || zones.size < 2 ? [noZones] : [])];
}

const noCertificates: PreflightReason = {
  code: 'no-ca-certificates',
  effect: 'note',
  text: 'The base has no CA certificates: a program that connects by TLS cannot verify whom it talks to.',
  fix: 'Add them as /etc/ssl/certs/ca-certificates.crt where the program connects to others.',
};

const noZones: PreflightReason = {
  code: 'no-time-zones',
  effect: 'note',
  text: 'The base has no time zones: a program knows UTC only, unless it brings its own.',
  fix: 'Add /usr/share/zoneinfo where the program needs others.',
};
