/** Where the files of an image come from. */
export interface GitSource {
  /** The commit that is checked out, in hex. */
  readonly commit?: string;
  /** As .git/config has it. */
  readonly remote?: string;
  /** A tag that names the commit. */
  readonly tag?: string;
}

/** What annotations are made of. */
export interface AnnotatedBuild {
  readonly git?: GitSource;
  /** RFC 3339. */
  readonly created?: string;
  /** Absent for `scratch`. */
  readonly base?: { readonly reference?: string; readonly digest?: string };
}

/** The annotations of the image-spec (annotations.md) that say what an image was made of; only those that are known. */
export function sourceAnnotations({ git = {}, created, base = {} }: AnnotatedBuild): Readonly<Record<string, string>> {
  const known = {
    created,
    source: git.remote === undefined ? undefined : publicUrl(git.remote),
    revision: git.commit,
    version: git.tag,
    'base.name': base.reference,
    'base.digest': base.digest,
  };
  const pairs = Object.entries(known).flatMap(([name, value]): readonly [string, string][] =>
    value === undefined || value === '' ? [] : [[`org.opencontainers.image.${name}`, value]],
  );
  return Object.fromEntries(pairs);
}

const maxLength = 2000;

/**
 * The web address of a Git remote: without credentials, query and `.git`, ssh and git forms as https. Undefined for folders
 * and for what is no address.
 */
export function publicUrl(remote: string): string | undefined {
  const text = remote.trim();
  if (text.length > maxLength || /[\s\p{Cc}]/u.test(text)) return undefined;
  const url = text.includes('://') ? text : scpUrl(text);
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { protocol, hostname, host, pathname } = new URL(url);
  const path = pathname.replace(/(?<!\/)\/+$/, '').replace(/\.git$/, '');
  if (hostname === '' || path === '') return undefined;
  switch (protocol) {
    case 'https:':
    case 'http:':
      return `${protocol}//${host}${path}`;
    case 'ssh:':
    case 'git+ssh:':
    case 'git:':
      // The port is that of another protocol.
      return `https://${hostname}${path}`;
    default:
      return undefined;
  }
}

/** `git@host:path` as git takes it: no slash before the colon. One letter is a drive of Windows. */
function scpUrl(text: string): string | undefined {
  const parts = /^(?:[^/@:]+@)?([^/@:]{2,}):(?!\/\/)(.+)$/.exec(text);
  return parts === null ? undefined : `ssh://${parts[1] ?? ''}/${(parts[2] ?? '').replace(/^\/+/, '')}`;
}
