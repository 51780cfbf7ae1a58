import { placeOf } from '../browse/places.ts';
import type { Shell } from './shell.ts';

/** Keeps an image that was named by hand in the view: its files are opened by addresses, which reach known places only. */
export async function keepImage(shell: Shell, reference: string): Promise<void> {
  const place = placeOf(reference);
  if (!shell.browser.knows(place)) await shell.keep(place);
}
