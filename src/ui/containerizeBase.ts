import { type QuickPickItem, ThemeIcon } from 'vscode';
import type { ContainerizeOptions, RecommendedBase } from '../api.ts';
import { formatBytes } from '../browse/text.ts';
import { isOciError } from '../errors.ts';
import type { Subject } from './containerizeSubject.ts';
import { withProgress } from './progress.ts';
import { askReference } from './references.ts';
import type { Shell } from './shell.ts';
import type { Back, StepPlace } from './steps.ts';

/** What a base is chosen from where nothing is known of the program. */
const usual = [
  { label: 'scratch', description: 'nothing but these files' },
  { label: 'gcr.io/distroless/static-debian13', description: 'certificates, time zones and a user, no shell' },
  { label: 'gcr.io/distroless/cc-debian13', description: 'the C and C++ libraries, no shell' },
  { label: 'alpine:3', description: 'a small system with a shell' },
];

/** Asks for the base; those that the program will run on come first. */
export async function askBase(
  shell: Shell,
  title: string,
  subject: Subject,
  state: ContainerizeOptions,
  place: StepPlace,
): Promise<ContainerizeOptions | Back | undefined> {
  const suggestions = await suggested(shell, subject);
  const isProgram = subject.options.file !== undefined;
  const placeholder = `What the image is built on; first comes what ${isProgram ? 'the program will run on' : 'suits this kind of project'}`;
  const value = state.base ?? suggestions[0]?.label ?? '';
  const base = await askReference(shell, { title, placeholder, place, value, suggestions, words: ['scratch'] });
  return typeof base === 'string' ? { ...state, base } : base;
}

async function suggested(shell: Shell, { options, bases }: Subject): Promise<readonly QuickPickItem[]> {
  const file = typeof options.file === 'string' ? options.file : options.file?.[0];
  if (file === undefined) {
    const own = bases.map((label) => ({ label, description: 'suits this kind of project' }));
    return [...own, ...usual.filter(({ label }) => !bases.includes(label))];
  }
  try {
    const found = await withProgress('Looking for a base', (run) => shell.api().recommendBases({ file }, run));
    return found.map((base) => ({
      label: base.reference,
      description: describe(base),
      iconPath: new ThemeIcon(icons[base.verdict]),
    }));
  } catch (error) {
    // A file that is no program goes onto any base.
    if (isOciError(error)) return usual;
    throw error;
  }
}

const icons = { runs: 'pass', fails: 'error', unknown: 'question', unreachable: 'debug-disconnect' } as const;

function describe({ verdict, reason, size }: RecommendedBase): string {
  const words = { runs: 'will run', fails: 'will not run', unknown: 'cannot tell', unreachable: 'not reached' }[
    verdict
  ];
  const bytes = size === null ? '' : ` · ${formatBytes(size)}`;
  return `${words}${bytes} · ${reason}`;
}
