import path from 'node:path';
import { AuthFile } from './authFile.ts';
import type { CredentialSource } from './credential.ts';
import type { CredentialOptions } from './dockerConfig.ts';
import { lookUp } from './lookUp.ts';
import { onlyOnce, shortPath } from './problems.ts';

/**
 * What podman, skopeo and buildah know, in the order of containers-auth.json(5). Keys may be limited to a namespace;
 * the most specific decides. `find` throws OciError helper-failed.
 */
export function podmanCredentials(options: CredentialOptions): CredentialSource {
  const report = onlyOnce(options.onProblem);
  const files = podmanAuthFiles(options).map((file) => new AuthFile(file, shortPath(file, options.home), report));
  return {
    find: async (registry, repository, io) => {
      for (const file of files) {
        const named = { name: file.name, config: await file.read(io) };
        const found = await lookUp(named, registry, repository, { ...options, report }, io);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

/** The files that are read, first one first. A file named by the user stands alone, as in podman. */
export function podmanAuthFiles(
  { configPath, env, home, platform }: Pick<CredentialOptions, 'configPath' | 'env' | 'home' | 'platform'>,
  userId = process.getuid?.(),
): readonly string[] {
  const { REGISTRY_AUTH_FILE: named = '', XDG_RUNTIME_DIR: runtime = '', XDG_CONFIG_HOME: configHome = '' } = env;
  if (configPath !== undefined) return [configPath];
  if (named !== '') return [named];
  const usual = path.join(home, '.config');
  const configured = path.join(configHome === '' ? usual : configHome, 'containers', 'auth.json');
  if (platform !== 'linux') return [...new Set([path.join(usual, 'containers', 'auth.json'), configured])];
  const perUser = userId === undefined ? [] : [path.join('/run/containers', String(userId), 'auth.json')];
  return [...(runtime === '' ? perUser : [path.join(runtime, 'containers', 'auth.json')]), configured];
}
