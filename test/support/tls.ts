import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A private certificate authority whose files live in one directory; needs `openssl`. */
export interface CertificateAuthority {
  readonly certFile: string;
  /** The authority's certificate, PEM. */
  readonly pem: string;
  /** A server certificate, by default for 127.0.0.1 and localhost and valid for two days. */
  issue(name: string, options?: IssueOptions): Certificate;
}

export interface IssueOptions {
  /** Default: `IP:127.0.0.1,DNS:localhost`. */
  readonly subjectAltName?: string;
  /** `YYYYMMDDHHMMSSZ`; default: one day before and one day after now. */
  readonly notBefore?: string;
  readonly notAfter?: string;
}

/** Makes a private authority with openssl. */
export function certificateAuthority(directory: string): CertificateAuthority {
  const { certFile, keyFile } = selfSigned(directory, 'ca');
  return {
    certFile,
    pem: readFileSync(certFile, 'utf8'),
    issue: (name, options = {}) => issue(directory, { certFile, keyFile }, name, options),
  };
}

/** A self-signed certificate that may sign: an authority, a token service, or a server nobody trusts. */
export function selfSigned(directory: string, name: string): Certificate {
  const certificate = files(directory, name);
  const subject = ['-subj', `/CN=gantry test ${name}`, '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
  openssl(directory, [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-sha256', '-days', '2'],
    ...subject,
    ...['-keyout', certificate.keyFile, '-out', certificate.certFile],
  ]);
  return certificate;
}

function issue(directory: string, authority: Certificate, name: string, options: IssueOptions): Certificate {
  const certificate = files(directory, name);
  const [requestFile, extensions] = [`${certificate.certFile}.csr`, `${certificate.certFile}.ext`];
  openssl(directory, [
    ...['req', '-new', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`],
    ...['-keyout', certificate.keyFile, '-out', requestFile],
  ]);
  writeFileSync(extensions, `subjectAltName=${options.subjectAltName ?? 'IP:127.0.0.1,DNS:localhost'}\n`);
  writeFileSync(path.join(directory, `${name}.index`), '');
  writeFileSync(path.join(directory, `${name}.cnf`), authorityConfig(directory, name));
  openssl(directory, [
    ...['ca', '-batch', '-notext', '-config', path.join(directory, `${name}.cnf`)],
    ...['-cert', authority.certFile, '-keyfile', authority.keyFile],
    ...['-startdate', options.notBefore ?? stamp(-1), '-enddate', options.notAfter ?? stamp(1)],
    ...['-in', requestFile, '-out', certificate.certFile, '-extfile', extensions],
  ]);
  return certificate;
}

/** `openssl ca` is the one subcommand that takes both dates on every openssl in use. */
function authorityConfig(directory: string, name: string): string {
  const file = (end: string): string => path.join(directory, name + end).replaceAll('\\', '/');
  return [
    '[ca]\ndefault_ca = tests',
    `[tests]\ndatabase = ${file('.index')}\nnew_certs_dir = ${directory.replaceAll('\\', '/')}`,
    'rand_serial = yes\ndefault_md = sha256\npolicy = any\nunique_subject = no',
    '[any]\ncommonName = supplied\n',
  ].join('\n');
}

function stamp(days: number): string {
  const iso = new Date(Date.now() + days * 86_400_000).toISOString();
  return `${iso.replace(/[-:T]/g, '').slice(0, 14)}Z`;
}

function files(directory: string, name: string): Certificate {
  return { certFile: path.join(directory, `${name}.pem`), keyFile: path.join(directory, `${name}.key`) };
}

function openssl(cwd: string, args: readonly string[]): void {
  execFileSync('openssl', args, { cwd, stdio: 'pipe', timeout: 30_000 });
}
