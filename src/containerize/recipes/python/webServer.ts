import type { Io } from '../../../content/store.ts';
import { isFile, readableText } from '../folder/onDisk.ts';
import type { ProjectFolder } from '../projectFolder.ts';
import type { PythonProject } from './pythonProject.ts';
import { requirementFiles } from './requirementFiles.ts';
import { requirementsOf } from './requirementNames.ts';

/** What serves a web application: arguments of python3, and variables. */
export interface ServerCommand {
  readonly args: readonly string[];
  readonly env: readonly string[];
}

interface Application {
  readonly kind: 'wsgi' | 'asgi';
  /** `module:name`. */
  readonly target: string;
  /** It has a server of its own, for development. */
  readonly hasFlask: boolean;
}

const asgi = /^(\w{1,100})\s*(?::[^=\n]{1,200})?=\s*(?:\w{1,50}\.)?(?:FastAPI|Starlette|Quart|get_asgi_application)\(/m;
const wsgi = /^(\w{1,100})\s*(?::[^=\n]{1,200})?=\s*(?:\w{1,50}\.)?(?:Flask|get_wsgi_application)\(/m;
const imported = /^(?:from\s+[\w.]{1,200}\s+import\s+(?:\w{1,100}\s+as\s+)?)?(app|application)\b\s*(?:=|$|#)/m;

/** The server for what a file such as app.py defines; undefined where the file runs by itself, or no server is required. */
export async function serverOf(project: PythonProject, file: string, io: Io): Promise<ServerCommand | undefined> {
  const text = await readableText(project.folder, file, io);
  const found = text === undefined ? undefined : applicationIn(text, moduleOf(file));
  return found === undefined ? undefined : serve(found, await requiredNames(project, io));
}

/** `src` is on Python's path. */
function moduleOf(file: string): string {
  return file
    .replace(/\.py$/, '')
    .replace(/^src\//, '')
    .replaceAll('/', '.');
}

/** The server of a Django project, which has a manage.py and an application beside its settings. */
export async function djangoServer(project: PythonProject, io: Io): Promise<ServerCommand | undefined> {
  const { folder } = project;
  const text = (await readableText(folder, 'manage.py', io)) ?? '';
  const settings = /DJANGO_SETTINGS_MODULE['"]\s*,\s*['"]([A-Za-z_][\w.]{0,200})['"]/.exec(text)?.[1];
  if (settings === undefined) return undefined;
  const names = await requiredNames(project, io);
  for (const kind of ['wsgi', 'asgi'] as const) {
    const module = await djangoModule(folder, settings, kind);
    if (module === undefined) continue;
    const found = serve({ kind, target: `${module}:application`, hasFlask: false }, names);
    if (found !== undefined) return found;
  }
  return { args: ['manage.py', 'runserver', '--noreload', '0.0.0.0:8000'], env: [] };
}

/** `shop.wsgi` beside `shop.settings` or above `shop.settings.local`. */
async function djangoModule(folder: ProjectFolder, settings: string, kind: string): Promise<string | undefined> {
  const parts = settings.split('.');
  while (parts.pop() !== undefined && parts.length > 0) {
    if (await isFile(folder, `${parts.join('/')}/${kind}.py`)) return `${parts.join('.')}.${kind}`;
  }
  return undefined;
}

function applicationIn(text: string, module: string): Application | undefined {
  if (/^if\s+__name__\s*==|^\w+\.run\(/m.test(text)) return undefined;
  const [, async] = asgi.exec(text) ?? [];
  if (async !== undefined) return { kind: 'asgi', target: `${module}:${async}`, hasFlask: false };
  const [, plain] = wsgi.exec(text) ?? [];
  if (plain !== undefined) return { kind: 'wsgi', target: `${module}:${plain}`, hasFlask: text.includes('Flask(') };
  const [, other] = imported.exec(text) ?? [];
  if (other === undefined || (module !== 'wsgi' && module !== 'asgi')) return undefined;
  return { kind: module, target: `${module}:${other}`, hasFlask: false };
}

function serve({ kind, target, hasFlask }: Application, names: ReadonlySet<string>): ServerCommand | undefined {
  const command = (...args: readonly string[]): ServerCommand => ({ args: ['-m', ...args], env: [] });
  if (kind === 'asgi') {
    if (names.has('uvicorn')) return command('uvicorn', '--host=0.0.0.0', '--port=8000', target);
    return names.has('hypercorn') ? command('hypercorn', '--bind=0.0.0.0:8000', target) : undefined;
  }
  if (names.has('gunicorn')) return command('gunicorn', '--bind=0.0.0.0:8000', target);
  if (names.has('waitress')) return command('waitress', '--listen=0.0.0.0:8000', target);
  const own = { args: ['-m', 'flask', 'run', '--host=0.0.0.0', '--port=8000'], env: [`FLASK_APP=${target}`] };
  return hasFlask ? own : undefined;
}

/** The packages that a project asks for itself. */
async function requiredNames({ folder, source, file, needs }: PythonProject, io: Io): Promise<ReadonlySet<string>> {
  const found = [...(needs ?? [])];
  if (source === 'requirements' && file !== undefined) {
    for (const text of (await requirementFiles(folder, file, io)).values()) {
      // Includes and options among them are no names.
      for (const line of text.split(/\r?\n/)) found.push(...(requirementsOf(line) ?? []));
    }
  }
  const names = new Set(found.map(({ name }) => name));
  // FastAPI brings its server with an extra.
  const hasServer = found.some(({ name, extras }) => name === 'fastapi' && extras.some((one) => one !== 'test'));
  return hasServer ? names.add('uvicorn') : names;
}
