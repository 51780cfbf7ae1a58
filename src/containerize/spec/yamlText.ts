const plain = /^[A-Za-z/][A-Za-z0-9_./@-]*(?::[A-Za-z0-9_./@-]+)*$/;
const otherwise = /^(?:true|false|null|nan|yes|no|on|off)$/i;

/** A text as a YAML scalar that any reader takes for that text; `${` in it stands for itself in a spec. */
export function yamlText(text: string): string {
  const escaped = text.replaceAll('${', () => '$${');
  return plain.test(escaped) && !otherwise.test(escaped) ? escaped : JSON.stringify(escaped);
}

/** A list in one line. */
export function yamlList(texts: readonly string[]): string {
  return `[${texts.map(yamlText).join(', ')}]`;
}
