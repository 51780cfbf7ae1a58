/** The part of JSON Schema draft-07 that media/gantry.schema.json uses. */
export interface Schema {
  readonly $schema?: string;
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly definitions?: Readonly<Record<string, Schema>>;
}

const known = new Set(
  (
    '$schema $ref title description examples default type enum const pattern minLength minimum maximum minItems items ' +
    'required properties additionalProperties anyOf allOf definitions'
  ).split(' '),
);

/** What of a value a schema does not allow. @throws Error for a keyword that this check does not know */
export function schemaProblems(root: Schema, schema: Schema, value: unknown, at = '$'): readonly string[] {
  const unknown = Object.keys(schema).filter((keyword) => !known.has(keyword));
  if (unknown.length > 0) throw new Error(`this check does not know ${unknown.join(', ')}`);
  if (schema.$ref !== undefined) return schemaProblems(root, referred(root, schema.$ref), value, at);
  return [
    ...wrong(allowsType(schema, value), at, 'type'),
    ...wrong(schema.enum === undefined || schema.enum.includes(value), at, 'enum'),
    ...wrong(schema.const === undefined || schema.const === value, at, 'const'),
    ...(typeof value === 'string' ? textProblems(schema, value, at) : []),
    ...(typeof value === 'number'
      ? wrong(value >= (schema.minimum ?? value) && value <= (schema.maximum ?? value), at, 'range')
      : []),
    ...(Array.isArray(value) ? listProblems(root, schema, value, at) : []),
    ...(isObject(value) ? memberProblems(root, schema, value, at) : []),
    ...(schema.allOf ?? []).flatMap((one) => schemaProblems(root, one, value, at)),
    ...wrong(schema.anyOf?.every((one) => schemaProblems(root, one, value, at).length > 0) !== true, at, 'anyOf'),
  ];
}

function textProblems({ pattern, minLength = 0 }: Schema, value: string, at: string): readonly string[] {
  const fits = pattern === undefined || new RegExp(pattern, 'u').test(value);
  return [...wrong(fits, at, 'pattern'), ...wrong(value.length >= minLength, at, 'minLength')];
}

function listProblems(
  root: Schema,
  { minItems = 0, items }: Schema,
  value: readonly unknown[],
  at: string,
): readonly string[] {
  const inside =
    items === undefined ? [] : value.flatMap((one, index) => schemaProblems(root, items, one, `${at}[${index}]`));
  return [...wrong(value.length >= minItems, at, 'minItems'), ...inside];
}

function memberProblems(
  root: Schema,
  schema: Schema,
  value: Readonly<Record<string, unknown>>,
  at: string,
): readonly string[] {
  const { required = [], properties = {}, additionalProperties: others = true } = schema;
  const missing = required.filter((name) => !Object.hasOwn(value, name)).map((name) => `${at}.${name}: required`);
  const inside = Object.entries(value).flatMap(([name, member]) => {
    const own = Object.hasOwn(properties, name) ? properties[name] : others;
    if (own === true || own === undefined) return [];
    return own === false ? [`${at}.${name}: not a member`] : schemaProblems(root, own, member, `${at}.${name}`);
  });
  return [...missing, ...inside];
}

function allowsType({ type }: Schema, value: unknown): boolean {
  const types = typeof type === 'string' ? [type] : type;
  return (
    types === undefined || types.some((one) => one === typeOf(value) || (one === 'integer' && Number.isInteger(value)))
  );
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

function referred(root: Schema, reference: string): Schema {
  const found = root.definitions?.[reference.replace('#/definitions/', '')];
  if (found === undefined) throw new Error(`${reference} leads nowhere`);
  return found;
}

function wrong(isRight: boolean, at: string, what: string): readonly string[] {
  return isRight ? [] : [`${at}: ${what}`];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
