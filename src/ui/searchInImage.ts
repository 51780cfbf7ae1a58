import { searchFiles } from '../operations/searchFiles.ts';
import type { TextQuery } from '../operations/textQuery.ts';
import { layerProgress } from '../verbs/fileOptions.ts';
import { askQuery } from './askQuery.ts';
import { type ChosenImage, chosenImage } from './chosenImage.ts';
import type { Asked, Commands } from './command.ts';
import { fileUri } from './fileUris.ts';
import { openedFiles } from './openedFiles.ts';
import { withProgress } from './progress.ts';
import { SearchView } from './searchView.ts';
import { owned, type Shell } from './shell.ts';

/** Where to look: in the files that a container sees, or in one layer's own. */
interface SearchPlace {
  readonly image: ChosenImage;
  readonly layer?: number;
  /** `''` is the root. */
  readonly path: string;
}

/** `gantry.searchInImage`: lines of text files of an image, as a view of files and lines; and what closes that view. */
export function searchInImageCommands(shell: Shell): Commands {
  let made: SearchView | undefined;
  const view = (): SearchView => (made ??= owned(shell, new SearchView()));
  let last: TextQuery | undefined;
  const person = async (asked: Asked): Promise<undefined> => {
    const place = await placeFor(shell, asked);
    const query = place === undefined ? undefined : await askQuery(`Search Text in ${nameOf(place)}`, last);
    if (place === undefined || query === undefined) return;
    last = query;
    await search(shell, view(), place, query);
  };
  return {
    'gantry.searchInImage': { program: (options, api) => api.searchInImage(options), person },
    'gantry.closeSearch': { person: () => view().close() },
  };
}

async function search(shell: Shell, view: SearchView, place: SearchPlace, query: TextQuery): Promise<void> {
  const { image, layer, path } = place;
  const at = layer === undefined ? {} : { layer };
  const results = await view.begin({
    title: `“${query.query}” in ${nameOf(place)}`,
    uriOf: (file) => fileUri({ ...image, ...at, path: file }),
  });
  try {
    await withProgress(`Searching ${image.name}`, async (run) => {
      const { files } = await shell.folders.of(image, run);
      const outcome = await searchFiles(
        files,
        {
          ...query,
          ...at,
          path,
          index: layerProgress(files, run),
          onBytes: (bytes, total) => run.onProgress({ message: 'Searching', bytes, total }),
          onFile: (file) => results.add(file),
        },
        run,
      );
      results.end(outcome);
    });
  } catch (error) {
    results.fail('the search ended early.');
    throw error;
  }
}

async function placeFor(shell: Shell, asked: Asked): Promise<SearchPlace | undefined> {
  const opened = await openedFiles(shell, asked);
  if (opened !== undefined) {
    const { image, address } = opened;
    return { image, path: address.path, ...(address.layer === undefined ? {} : { layer: address.layer }) };
  }
  const image = await chosenImage(shell, asked, 'Search Text in Image');
  if (image === undefined) return undefined;
  const node = asked.kind === 'nodes' ? asked.nodes[0] : undefined;
  if (node?.kind === 'layer') return { image, path: '', layer: node.position - 1 };
  if (node?.kind !== 'path') return { image, path: '' };
  const path = node.item.entry.path.slice(1);
  return { image, path, ...(node.layer === undefined ? {} : { layer: node.layer }) };
}

function nameOf({ image, layer, path }: SearchPlace): string {
  const where = path === '' ? '' : `/${path} of `;
  return `${where}${layer === undefined ? '' : `layer #${layer + 1} of `}${image.name}`;
}
