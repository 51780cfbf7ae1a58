import type { SaveImageResult } from '../api.ts';
import { OciError } from '../errors.ts';
import { localTransports, parseLocalReference } from '../layout/localReference.ts';
import { escapeText } from '../oci/reference.ts';
import { copyVerb } from './copyImage.ts';
import { OptionReader } from './options.ts';
import type { Verb } from './verb.ts';

/** `saveImage {image, target, platforms?, overwrite?}`: a copy to a place on disk. */
export const saveImageVerb: Verb<SaveImageResult> = async (value, context, run, io) => {
  const options = new OptionReader('saveImage', value);
  const source = options.text('image');
  const target = options.text('target');
  if (parseLocalReference(target) === undefined) throw notLocal(target);
  const platforms = options.texts('platforms');
  const overwrite = options.overwrite();
  const copy = { source, target, overwrite, ...(platforms === undefined ? {} : { platforms }) };
  const { digest, target: name, bytesTransferred } = await copyVerb(copy, context, run, io);
  return { digest, target: name, bytes: bytesTransferred };
};

function notLocal(target: string): OciError {
  const forms = localTransports.map((transport) => `${transport}:PATH`).join(', ');
  return new OciError(
    'invalid-reference',
    `saveImage: ${escapeText(target)} is no place on disk. Write one of ${forms}; copyImage copies to a registry.`,
  );
}
