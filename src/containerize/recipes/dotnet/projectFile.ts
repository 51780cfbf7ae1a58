import { descendants, parseXml, type XmlElement } from '../xml.ts';

/** What of a .NET project file (MSBuild) says how to make an image of it. */
export interface ProjectFile {
  readonly sdk: 'console' | 'web' | 'worker';
  /** The file that is started, without its ending. */
  readonly assembly: string;
  /** Such as `net9.0`; undefined where it comes from elsewhere. */
  readonly framework: string | undefined;
  /** True where it names several frameworks, so that one has to be chosen. */
  readonly hasFrameworks: boolean;
  readonly deployment: 'framework-dependent' | 'self-contained' | 'native';
  /** `musl` where it names such runtimes only. */
  readonly libc: 'glibc' | 'musl';
}

const sdks: ReadonlyMap<string, ProjectFile['sdk']> = new Map([
  ['microsoft.net.sdk', 'console'],
  ['microsoft.net.sdk.web', 'web'],
  ['microsoft.net.sdk.worker', 'worker'],
]);

/**
 * Undefined for what is no project of a program: libraries, tests, other SDKs, no XML.
 * @param name the name of the file without its ending
 * @param shared the text of a Directory.Build.props above it
 */
export function parseProjectFile(text: string, name: string, shared = ''): ProjectFile | undefined {
  const root = parseXml(text);
  const sdkName = (root?.attributes.get('Sdk') ?? '').toLowerCase().replace(/\/.*/, '');
  const sdk = sdks.get(sdkName);
  if (root?.name !== 'Project' || sdk === undefined || isTest(root)) return undefined;
  const properties = new Map([...propertiesOf(parseXml(shared)), ...propertiesOf(root)]);
  const value = (property: string): string => properties.get(property.toLowerCase()) ?? '';
  if (sdk === 'console' && !/^(?:win)?exe$/i.test(value('OutputType'))) return undefined;
  if (/^library$/i.test(value('OutputType'))) return undefined;
  const frameworks = `${value('TargetFramework')};${value('TargetFrameworks')}`.split(';').map((one) => one.trim());
  const assembly = value('AssemblyName').replaceAll('$(MSBuildProjectName)', name);
  const runtimes = `${value('RuntimeIdentifier')};${value('RuntimeIdentifiers')}`
    .split(';')
    .filter((one) => /^linux/.test(one));
  return {
    sdk,
    assembly: /^[\w.+-]{1,200}$/.test(assembly) ? assembly : name,
    framework: newest(frameworks),
    hasFrameworks: value('TargetFramework') === '' && value('TargetFrameworks') !== '',
    deployment: deploymentOf(value),
    libc: runtimes.length > 0 && runtimes.every((one) => one.startsWith('linux-musl-')) ? 'musl' : 'glibc',
  };
}

function isTest(root: XmlElement): boolean {
  return [...descendants(root)].some(
    (one) =>
      (one.name === 'IsTestProject' && /^true$/i.test(one.text)) ||
      (one.name === 'PackageReference' && /^Microsoft\.NET\.Test\.Sdk$/i.test(one.attributes.get('Include') ?? '')),
  );
}

/** Names in lower case. What only sometimes counts is left out. */
function propertiesOf(root: XmlElement | undefined): readonly (readonly [string, string])[] {
  const groups = root?.children.filter((one) => one.name === 'PropertyGroup' && !one.attributes.has('Condition')) ?? [];
  return groups.flatMap((group) =>
    group.children
      .filter((one) => !one.attributes.has('Condition'))
      .map((one): [string, string] => [one.name.toLowerCase(), one.text]),
  );
}

function deploymentOf(value: (property: string) => string): ProjectFile['deployment'] {
  if (/^true$/i.test(value('PublishAot'))) return 'native';
  const names = ['SelfContained', 'PublishSelfContained', 'PublishTrimmed'];
  return names.some((name) => /^true$/i.test(value(name))) ? 'self-contained' : 'framework-dependent';
}

function newest(frameworks: readonly string[]): string | undefined {
  const version = (name: string): number => {
    const [, major = '0', minor = '0'] = /^net(?:coreapp)?(\d{1,3})\.(\d{1,3})$/.exec(name) ?? [];
    return Number(major) * 1000 + Number(minor);
  };
  const [first] = frameworks.filter((one) => version(one) > 0).sort((a, b) => version(b) - version(a));
  return first;
}
