import type { PreflightReason } from '../../api.ts';
import { escapeText } from '../../oci/reference.ts';
import { checkCommand } from './checkScript.ts';
import { findCommand } from './findCommand.ts';
import { folderOf } from './loader.ts';
import type { Check } from './subject.ts';

/** Where Microsoft's and distributions' packages put it. */
const folders = ['/usr/share/dotnet', '/usr/lib/dotnet', '/usr/lib64/dotnet', '/opt/dotnet'];

/** Looks for a .NET runtime that an assembly rolls forward to: the same major version, and no older minor. */
export const checkDotnet: Check = async (subject, io) => {
  const { base, binary } = subject;
  const framework = binary.dotnet?.framework ?? null;
  const [, kind, major, minor] = /^\.NET(\w+),Version=v(\d+)\.(\d+)/.exec(framework ?? '') ?? [];
  if (kind === 'Framework') return [windowsOnly(framework ?? '')];
  const root = base.variable('DOTNET_ROOT');
  const more = root === undefined ? folders : [root, ...folders];
  const host = findCommand(subject, 'dotnet') ?? findCommand(subject, 'dotnet', more);
  if (host === undefined) return [noRuntime('There is no .NET in the base', major)];
  const reasons = await checkCommand(host, io);
  if (reasons.length > 0) return reasons;
  if (kind !== 'CoreApp' || major === undefined) {
    return [{ code: 'not-checked', effect: 'unknown', text: 'For which .NET the assembly is built is not known.' }];
  }
  const names = [...(base.find(`${folderOf(host.path)}/shared/Microsoft.NETCore.App`)?.children?.keys() ?? [])];
  const fits = names.some((name) => {
    const [has = '', hasMinor = ''] = name.split('.');
    return has === major && Number(hasMinor) >= Number(minor);
  });
  if (fits) return [];
  const has =
    names.length === 0
      ? 'no runtime'
      : `.NET ${names
          .slice(0, 5)
          .map((name) => escapeText(name).slice(1, -1))
          .join(', ')}`;
  return [noRuntime(`The base has ${has}, and the assembly is built for .NET ${major}.${minor ?? 0}`, major)];
};

function noRuntime(text: string, major: string | undefined): PreflightReason {
  const wanted = major === undefined ? '.NET' : `.NET ${major}`;
  const fix = `Choose a base with ${wanted}, such as mcr.microsoft.com/dotnet/runtime, or publish it self-contained.`;
  return { code: 'no-dotnet', effect: 'fails', text: `${text}.`, fix };
}

function windowsOnly(framework: string): PreflightReason {
  const text = `It is built for ${escapeText(framework)}, which runs on Windows only.`;
  return { code: 'wrong-platform', effect: 'fails', text, fix: 'Build it for a newer .NET.' };
}
