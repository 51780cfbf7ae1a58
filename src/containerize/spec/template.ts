import { escapeText } from '../../oci/reference.ts';
import { nearest } from './nearest.ts';

/** A part of a text with variables: plain text, or `${name}` and `${name:-fallback}`. */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string; readonly fallback?: string };

/** Every variable but `env.NAME` and `var.NAME`, with what it stands for. */
export const variableMeanings: Readonly<Record<string, string>> = {
  'git.commit': 'The commit that is checked out, in full.',
  'git.shortCommit': 'Its first 12 digits.',
  'git.branch': 'The branch that is checked out, such as main.',
  'git.tag': 'The tag that names the commit; of several the last, versions in their order.',
  'git.commitTimestamp': 'When the commit was made, in seconds since 1970.',
  'git.isDirty': 'true where files differ from the commit, else false.',
  'folder.name': 'The name of the folder that gantry.yaml is in.',
  'platform.os': 'Of the image: such as linux. Only in from and to of files.',
  'platform.arch': 'Of the image: such as arm64. Only in from and to of files.',
  'platform.variant': 'Of the image: such as v7, often empty. Only in from and to of files.',
};

const named = /^(?:env|var)\.[A-Za-z_][A-Za-z0-9_]*$/;

/** The parts of a text; `$${` stands for `${` itself. A sentence where the text is none that can be read. */
export function parseTemplate(text: string): readonly TemplatePart[] | string {
  const parts: TemplatePart[] = [];
  let plain = '';
  let at = 0;
  while (at < text.length) {
    if (text.startsWith('$${', at)) {
      plain += '${';
      at += 3;
    } else if (text.startsWith('${', at)) {
      const end = text.indexOf('}', at);
      if (end < 0) return 'a variable that begins with ${ has no } at its end. Write $${ for the text ${ itself';
      const variable = variableOf(text.slice(at + 2, end));
      if (typeof variable === 'string') return variable;
      if (plain !== '') parts.push({ kind: 'text', text: plain });
      parts.push(variable);
      plain = '';
      at = end + 1;
    } else {
      const next = text.indexOf('$', at + 1);
      plain += text.slice(at, next < 0 ? undefined : next);
      at = next < 0 ? text.length : next;
    }
  }
  return plain === '' ? parts : [...parts, { kind: 'text', text: plain }];
}

function variableOf(inside: string): Extract<TemplatePart, { kind: 'variable' }> | string {
  const colon = inside.indexOf(':-');
  const name = colon < 0 ? inside : inside.slice(0, colon);
  if (Object.hasOwn(variableMeanings, name) || named.test(name)) {
    return { kind: 'variable', name, ...(colon < 0 ? {} : { fallback: inside.slice(colon + 2) }) };
  }
  const written = escapeText(`\${${name}}`);
  if (name === 'date')
    return `${written} is no variable: every build would differ. \${git.commitTimestamp} is the same each time`;
  const all = Object.keys(variableMeanings);
  const meant = nearest(name, all);
  if (meant !== undefined) return `${written} is no variable. Did you mean \${${meant}}?`;
  const family = all.filter((one) => one.split('.')[0] === name.split('.')[0]).map((one) => `\${${one}}`);
  if (family.length > 0) return `${written} is no variable. There are ${family.join(', ')}`;
  const own = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? ` \${env.${name}} is that of this machine;` : '';
  return `${written} is no variable.${own} write $\${ for the text \${ itself`;
}
