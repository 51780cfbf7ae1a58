import type { Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { isObject } from '../oci/json.ts';
import { escapeText } from '../oci/reference.ts';
import type { ReportProblem } from './authConfig.ts';
import { type ProcessOutcome, runBounded } from './boundedProcess.ts';
import type { Credential } from './credential.ts';
import { helperFile } from './helperFile.ts';

/** How credential helpers are found and run. */
export interface HelperOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  /** The working directory of helpers: one that no workspace can write to. */
  readonly helperDirectory: string;
  /** Milliseconds until a helper is ended. Default: 30,000. */
  readonly helperTimeout?: number;
  readonly report: ReportProblem;
}

/** A helper that is not installed is no failure: the caller looks elsewhere. */
export const helperMissing = Symbol('helper missing');

/**
 * Asks `docker-credential-NAME get` for a server's credential; undefined where it has none.
 * @throws OciError helper-failed; what the helper printed goes to the log only
 */
export async function getFromHelper(
  name: string,
  server: string,
  options: HelperOptions,
  io: Io,
): Promise<Credential | undefined | typeof helperMissing> {
  const stdout = await run(name, 'get', server, options, io);
  if (typeof stdout !== 'string') return stdout;
  const answer = parseAnswer(stdout, name);
  const { Username: username, Secret: secret } = answer;
  if (typeof username !== 'string' || typeof secret !== 'string') throw badAnswer(name);
  if (secret === '') return undefined;
  return username === '<token>'
    ? { kind: 'identity-token', token: secret }
    : { kind: 'basic', username, password: secret };
}

/** The servers that `docker-credential-NAME list` names. @throws OciError helper-failed */
export async function listFromHelper(
  name: string,
  options: HelperOptions,
  io: Io,
): Promise<readonly string[] | typeof helperMissing> {
  const stdout = await run(name, 'list', '', options, io);
  return typeof stdout === 'string' ? Object.keys(parseAnswer(stdout, name)) : (stdout ?? []);
}

async function run(
  name: string,
  action: 'get' | 'list',
  input: string,
  options: HelperOptions,
  io: Io,
): Promise<string | undefined | typeof helperMissing> {
  // A helper reads lines: a second line could make it answer for another server.
  if (/[\r\n\0]/.test(input)) {
    throw new OciError('helper-failed', `${escapeText(input)} is not a server name; no credential helper was asked.`);
  }
  const file = helperFile(name, options);
  if (file === undefined) return helperMissing;
  const { env, platform, helperDirectory: cwd, helperTimeout: timeoutMilliseconds = 30_000 } = options;
  const request = { file, args: [action], input, cwd, env, platform, timeoutMilliseconds };
  return answerOf(await runBounded(request, io), name, timeoutMilliseconds, options.report);
}

function answerOf(outcome: ProcessOutcome, name: string, timeout: number, report: ReportProblem): string | undefined {
  switch (outcome.kind) {
    case 'timed-out':
      throw failed(name, `gave no answer in ${timeout / 1000} s and was ended`);
    case 'too-much-output':
      throw failed(name, 'printed more than a credential can be and was ended');
    case 'not-started':
      throw failed(name, 'could not be started', outcome.cause);
    case 'exited': {
      if (outcome.code === 0) return outcome.stdout;
      const text = outcome.stdout.trim();
      if (text === 'credentials not found in native keychain') return undefined;
      report(`docker-credential-${name} failed (exit code ${outcome.code ?? 'none'}). It said: ${safeText(text)}`);
      throw failed(name, `failed with exit code ${outcome.code ?? 'none'}; the log shows what it said`);
    }
  }
}

/** What a failing helper printed, fit for the log; an answer with fields in it may hold a secret and is left out. */
function safeText(text: string): string {
  if (/[{}]|secret|passw|token/i.test(text)) return '(left out: it may hold a secret)';
  return escapeText(text.replace(/\x1b\[[0-9;?]*[ -/]*[@-~]/g, '').replace(/[\x00-\x1f\x7f]+/g, ' '));
}

function parseAnswer(stdout: string, name: string): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(stdout);
    if (isObject(json)) return json;
  } catch {
    // The text may hold a secret, and JSON.parse quotes it: no cause.
  }
  throw badAnswer(name);
}

function badAnswer(name: string): OciError {
  return failed(name, 'gave an answer that is not a credential');
}

function failed(name: string, reason: string, cause?: unknown): OciError {
  const next = 'Try it in a terminal, or sign in to the registry here.';
  return new OciError('helper-failed', `The credential helper docker-credential-${name} ${reason}. ${next}`, { cause });
}
