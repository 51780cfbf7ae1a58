import { child, childText, descendants, parseXml, type XmlElement } from '../xml.ts';

/** What of a Maven project (its pom.xml) says how to make an image of it. */
export interface Pom {
  readonly artifactId: string;
  /** `jar`, `pom`, `war`, … */
  readonly packaging: string;
  /** Paths below its folder. */
  readonly modules: readonly string[];
  readonly properties: ReadonlyMap<string, string>;
  /** The class that one of its plugins is told to start. */
  readonly mainClass?: string;
  /** The release of Java it is compiled for. */
  readonly release?: number;
}

const maxModules = 500;
/** Of each file: a module has those of all above it too. */
const maxProperties = 1000;
const maxLength = 1000;
const mainProperties = ['exec.mainClass', 'start-class', 'mainClass', 'main.class', 'app.main.class'];
const releaseProperties = ['maven.compiler.release', 'maven.compiler.target', 'java.version', 'maven.compiler.source'];

/** Undefined for what is no pom.xml. @param parent whose properties it inherits */
export function parsePom(text: string, parent?: Pom): Pom | undefined {
  const root = parseXml(text);
  const artifactId = childText(root, 'artifactId');
  if (root?.name !== 'project' || artifactId === undefined) return undefined;
  const named = child(root, 'properties')?.children.slice(0, maxProperties) ?? [];
  const own = named.map((one): [string, string] => [one.name, one.text.slice(0, maxLength)]);
  const properties = new Map([...(parent?.properties ?? []), ...own]);
  const plugins = child(child(root, 'build'), 'plugins');
  const mainClass = [...valuesOf(plugins, 'mainClass'), ...propertiesOf(properties, mainProperties)]
    .map((value) => resolved(value, properties))
    .find((value) => /^[\p{L}_$][\p{L}\p{N}_$.]{0,500}$/u.test(value));
  const release = [...valuesOf(plugins, 'release'), ...propertiesOf(properties, releaseProperties)]
    .map((value) => releaseOf(resolved(value, properties)))
    .find((value) => value !== undefined);
  const modules = child(root, 'modules')?.children.map((one) => one.text) ?? [];
  return {
    artifactId,
    packaging: childText(root, 'packaging') ?? 'jar',
    modules: modules.filter((one) => one !== '').slice(0, maxModules),
    properties,
    ...(mainClass === undefined ? {} : { mainClass }),
    ...(release === undefined ? {} : { release }),
  };
}

/** The feature release that a text such as `17` or `1.8` names. */
export function releaseOf(text: string): number | undefined {
  const [, digits] = /^(?:1\.)?(\d{1,3})$/.exec(text.trim()) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

function valuesOf(plugins: XmlElement | undefined, name: string): readonly string[] {
  if (plugins === undefined) return [];
  return [...descendants(plugins)].filter((one) => one.name === name).map(({ text }) => text);
}

function propertiesOf(properties: ReadonlyMap<string, string>, names: readonly string[]): readonly string[] {
  return names.flatMap((name) => properties.get(name) ?? []);
}

/** With a property in the place of its name, where it is nothing but that. */
function resolved(value: string, properties: ReadonlyMap<string, string>): string {
  const [, name] = /^\$\{([^{}]{1,200})\}$/.exec(value) ?? [];
  return name === undefined ? value : (properties.get(name) ?? value);
}
