import { OciError } from '../../errors.ts';
import { isObject } from '../../oci/json.ts';

/** The part of JSON Schema draft-07 that helps while a spec is written; the text of media/gantry.schema.json. */
export interface SchemaNode {
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly items?: SchemaNode;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly anyOf?: readonly SchemaNode[];
  readonly allOf?: readonly SchemaNode[];
  readonly definitions?: Readonly<Record<string, SchemaNode>>;
}

/** A step in a schema: the name of a member, or an item of a list. */
export type SchemaStep = { readonly member: string } | 'item';

/** Parses the schema that is shipped with this program. @throws OciError corrupt-archive where that is damaged */
export function parseSchema(text: string): SchemaNode {
  const value: unknown = JSON.parse(text);
  if (isObject(value) && isObject(value['properties'])) return value;
  throw new OciError('corrupt-archive', 'The schema of gantry.yaml is damaged. Install the extension anew.');
}

/** All that a schema says of a place: more than one where it leaves a choice, none where nothing can stand there. */
export function schemasAt(root: SchemaNode, steps: readonly SchemaStep[]): readonly SchemaNode[] {
  let nodes = variants(root, root);
  for (const step of steps) nodes = nodes.flatMap((node) => below(node, step)).flatMap((node) => variants(root, node));
  return nodes;
}

/** What is said of a member itself, where it stands: not of what it refers to. */
export function memberSchema(root: SchemaNode, steps: readonly SchemaStep[], name: string): SchemaNode | undefined {
  return schemasAt(root, steps)
    .map((node) => own(node.properties, name))
    .find((node) => node !== undefined);
}

/** Members that can stand at a place. */
export function membersAt(root: SchemaNode, steps: readonly SchemaStep[]): ReadonlyMap<string, SchemaNode> {
  return new Map(schemasAt(root, steps).flatMap((node) => Object.entries(node.properties ?? {})));
}

function below(node: SchemaNode, step: SchemaStep): readonly SchemaNode[] {
  const found = step === 'item' ? node.items : own(node.properties, step.member);
  return found === undefined ? [] : [found];
}

function variants(root: SchemaNode, node: SchemaNode): readonly SchemaNode[] {
  const referred = node.$ref === undefined ? undefined : own(root.definitions, node.$ref.replace('#/definitions/', ''));
  const others = [...(referred === undefined ? [] : [referred]), ...(node.anyOf ?? []), ...(node.allOf ?? [])];
  return [node, ...others.flatMap((other) => variants(root, other))];
}

function own(nodes: Readonly<Record<string, SchemaNode>> | undefined, name: string): SchemaNode | undefined {
  return nodes !== undefined && Object.hasOwn(nodes, name) ? nodes[name] : undefined;
}
