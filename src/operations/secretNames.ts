/** What a name says of a file: which secret it may hold, and where files of that name are none. */
interface SecretName {
  readonly what: string;
  readonly names: readonly string[];
  /** The names of the directories that it must be in; absent: any. */
  readonly below?: string;
  /** Paths that are harmless. */
  readonly except?: RegExp;
}

/** Folders of what a distribution gives to everybody, of examples and of tests. */
const shared =
  /^(?:usr\/share|usr\/local\/share\/ca-certificates|etc\/pki\/ca-trust|etc\/ca-certificates)\/|(?:^|\/)(?:examples?|tests?|testdata)\//i;
/** Certificates, which are public: by their folders and by their names. */
const certificates =
  /^(?:etc|usr\/lib)\/ssl\/certs\/|^etc\/pki\/tls\/certs\/|(?:^|\/)(?:certs?|ca-certificates|certifi)\/|(?:^|\/)(?:ca|ca[-_.]?bundle|ca[-_.]?certs?|cert|chain|fullchain|roots?)\.pem$/i;
const publicPem = new RegExp(`${shared.source}|${certificates.source}`, 'i');
const publicKey = new RegExp(`${shared.source}|(?:^|/)root\\.key$`, 'i');
const packages = /(?:^|\/)node_modules\//;

const byName: readonly SecretName[] = [
  {
    what: 'a private SSH key',
    names: ['id_rsa', 'id_dsa', 'id_ecdsa', 'id_ecdsa_sk', 'id_ed25519', 'id_ed25519_sk', 'id_xmss'],
  },
  { what: 'a private SSH key', below: '.ssh', names: ['identity'] },
  {
    what: 'the private key of an SSH server, which every container would share',
    names: ['ssh_host_rsa_key', 'ssh_host_dsa_key', 'ssh_host_ecdsa_key', 'ssh_host_ed25519_key'],
  },
  {
    what: 'settings with passwords',
    names: ['.env', '.env.local', '.env.development', '.env.staging', '.env.production', '.env.prod', '.env.test'],
    except: packages,
  },
  { what: 'a token for npm', names: ['.npmrc'], except: packages },
  { what: 'a token for Yarn', names: ['.yarnrc.yml'], except: packages },
  { what: 'a password for PyPI', names: ['.pypirc'] },
  { what: 'a token for RubyGems', below: '.gem', names: ['credentials'] },
  { what: 'a token for Cargo', below: '.cargo', names: ['credentials', 'credentials.toml'] },
  { what: 'a token for Composer', below: '.composer', names: ['auth.json'] },
  { what: 'a password for Maven', below: '.m2', names: ['settings.xml', 'settings-security.xml'] },
  {
    what: 'passwords of servers',
    names: ['.netrc', '_netrc', '.git-credentials', '.pgpass', '.my.cnf', '.mylogin.cnf'],
  },
  { what: 'passwords of registries', below: '.docker', names: ['config.json'] },
  { what: 'passwords of registries', below: '.config/containers', names: ['auth.json'] },
  { what: 'passwords of registries', names: ['.dockercfg', '.dockerconfigjson'] },
  { what: 'access to a Kubernetes cluster', below: '.kube', names: ['config'] },
  { what: 'access to a Kubernetes cluster', names: ['kubeconfig', 'kubeconfig.yaml', 'kubeconfig.yml'] },
  { what: 'access to AWS', below: '.aws', names: ['credentials'] },
  { what: 'access to Azure', below: '.azure', names: ['accessTokens.json', 'msal_token_cache.json'] },
  {
    what: 'access to Google Cloud',
    names: ['application_default_credentials.json', 'access_tokens.db', 'legacy_credentials'],
  },
  { what: 'access to Google Cloud', below: 'gcloud', names: ['credentials.db'] },
  { what: 'access to GitHub', below: '.config/gh', names: ['hosts.yml'] },
  { what: 'a token for Terraform', below: '.terraform.d', names: ['credentials.tfrc.json'] },
  {
    what: 'the state of Terraform, which holds secrets in plain text',
    names: ['terraform.tfstate', 'terraform.tfstate.backup'],
  },
  { what: 'a token for Vault', names: ['.vault-token'] },
  { what: 'private GnuPG keys', names: ['secring.gpg'] },
  { what: 'hashes of passwords', names: ['.htpasswd'] },
  {
    what: 'a copy of the password hashes',
    below: 'etc',
    names: ['shadow.bak', 'shadow.old', 'shadow.orig', 'gshadow.bak', 'shadow~', 'passwd.bak'],
  },
];

const byExtension: readonly SecretName[] = [
  { what: 'a private key', names: ['pem'], except: publicPem },
  { what: 'a private key', names: ['key'], except: publicKey },
  { what: 'a private key for PuTTY', names: ['ppk'] },
  { what: 'a store of private keys', names: ['p12', 'pfx', 'jks', 'keystore'], except: shared },
  { what: 'a store of passwords', names: ['kdbx'] },
];

const named = indexed(byName);
const extended = indexed(byExtension);

/** What secret a file of this path (without a slash at the start) may hold, for a sentence; undefined where none. */
export function secretOf(path: string): string | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  const rules = named.get(name) ?? (dot < 0 ? undefined : extended.get(name.slice(dot + 1).toLowerCase()));
  return rules?.find((rule) => matches(rule, path, name))?.what;
}

function matches({ below, except }: SecretName, path: string, name: string): boolean {
  if (below !== undefined && !`/${path}`.endsWith(`/${below}/${name}`)) return false;
  return except?.test(path) !== true;
}

function indexed(rules: readonly SecretName[]): ReadonlyMap<string, readonly SecretName[]> {
  const index = new Map<string, SecretName[]>();
  for (const rule of rules) {
    for (const name of rule.names) index.set(name, [...(index.get(name) ?? []), rule]);
  }
  return index;
}
