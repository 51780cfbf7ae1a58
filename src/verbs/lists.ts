import { OciError } from '../errors.ts';
import type { Verb } from './verb.ts';
import { OptionReader } from './options.ts';

/** `listRepositories {registry}`: every repository the registry's catalogue names, sorted. */
export const listRepositories: Verb<readonly string[]> = async (value, { stores }, _run, io) => {
  const registry = stores.registry(new OptionReader('listRepositories', value).text('registry'));
  return collect(registry.repositoryPages(io));
};

/** `listTags {repository}`: every tag, sorted. `repository` is a reference without tag, or `oci:PATH`. */
export const listTags: Verb<readonly string[]> = async (value, { stores }, _run, io) => {
  const text = new OptionReader('listTags', value).text('repository');
  const { store, name } = await stores.repository(text, io);
  if (store.tagPages === undefined) {
    throw new OciError('unsupported-media-type', `${name} cannot list its tags.`);
  }
  return collect(store.tagPages(io));
};

async function collect(pages: AsyncIterable<readonly string[]>): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const page of pages) names.push(...page);
  return [...new Set(names)].sort();
}
