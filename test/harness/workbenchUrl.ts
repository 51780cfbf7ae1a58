/** What a VS Code window in the browser shall load. */
export interface WorkbenchOptions {
  readonly port: number;
  readonly token: string;
  /** Absolute path of the folder to open. */
  readonly folder: string;
  /** Absolute path of the extension's source folder. */
  readonly extension: string;
  /** Absolute path of the module with the tests; the window runs them and ends. */
  readonly tests?: string;
  /** Environment of the extension host. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** The address of a workbench that VS Code's server serves on loopback. */
export function workbenchUrl(options: WorkbenchOptions): string {
  const authority = `127.0.0.1:${options.port}`;
  const remote = (file: string): string => `vscode-remote://${authority}${encodeURI(file)}`;
  const payload: [string, string][] = [
    ['extensionDevelopmentPath', remote(options.extension)],
    ['skipWelcome', 'true'],
    ['skipReleaseNotes', 'true'],
  ];
  if (options.tests !== undefined) payload.push(['extensionTestsPath', remote(options.tests)]);
  if (options.environment !== undefined) {
    payload.push(['extensionEnvironment', JSON.stringify(options.environment)]);
  }
  const url = new URL(`http://${authority}/`);
  url.searchParams.set('tkn', options.token);
  url.searchParams.set('folder', options.folder);
  url.searchParams.set('payload', JSON.stringify(payload));
  return url.href;
}
