import { workspace } from 'vscode';
import type { GantryApi } from '../api.ts';
import { OciError } from '../errors.ts';
import { isObject } from '../oci/json.ts';
import type { Settings } from './settingValues.ts';

/** The verbs as far as the settings and the workspace's trust allow them: whoever calls, they are refused the same way. */
export function withPolicy(api: GantryApi, settings: () => Settings): GantryApi {
  return {
    ...api,
    containerize: async (options, run) => {
      assertTrusted();
      return api.containerize(options, run);
    },
    deleteImage: async (options, run) => {
      assertDeleteAllowed(settings(), isObject(options) && options.untagOnly === true ? 'untag' : 'manifest');
      return api.deleteImage(options, run);
    },
  };
}

/** Menus hide the command in Restricted Mode; other ways in are checked here. @throws OciError forbidden */
export function assertTrusted(): void {
  if (workspace.isTrusted) return;
  throw new OciError('forbidden', 'Containerize puts workspace files into an image. Trust this workspace first.');
}

/** @throws OciError forbidden where the setting allows less */
export function assertDeleteAllowed({ deleteAllow }: Settings, wanted: 'untag' | 'manifest'): void {
  if (deleteAllow === 'manifest' || deleteAllow === wanted) return;
  throw new OciError(
    'forbidden',
    `The setting gantry.delete.allow is "${deleteAllow}": it does not allow to ${wanted === 'untag' ? 'remove tags' : 'delete images'}.`,
  );
}
