import path from 'node:path';
import type { ProjectFolder } from '../projectFolder.ts';
import type { BuildContext, BuildStep } from '../recipe.ts';
import type { GradleBuild } from './gradleBuild.ts';
import { toolCommand } from './wrapper.ts';

/** A project of a Gradle build. */
export interface GradleModule {
  readonly folder: ProjectFolder;
  /** Below the folder; empty for itself. */
  readonly path: string;
  readonly build: GradleBuild;
  /** Its path in the build, with `/`; empty for the whole. */
  readonly task: string;
  /** As the build calls it: its distribution has this name. */
  readonly name: string;
  /** Paths of all modules of the build. */
  readonly modules: readonly string[];
}

const howToGet = 'Install Gradle from https://gradle.org, or add its wrapper to the project.';

/** Puts a project's JAR and libraries where the task installDist of the plugin application does. */
const installScript = `allprojects { p ->
  p.plugins.withId('java') {
    p.tasks.create('gantryInstall', Sync) {
      from p.tasks.getByName('jar')
      from p.configurations.getByName('runtimeClasspath')
      into p.file("build/install/\${p.name}/lib")
    }
  }
}
`;

/** Runs Gradle so that it leaves a project's JARs where they are packed from. */
export async function gradleStep(module: GradleModule, { output }: BuildContext): Promise<BuildStep> {
  const { folder, build } = module;
  const tool = await toolCommand(folder, 'gradle', { unix: 'gradlew', windows: 'gradlew.bat' });
  const hasTask = build.hasSpringBoot || build.hasApplication;
  const task = hasTask ? taskOf(module) : inProject(module, 'gantryInstall');
  const script = path.join(output, 'install.gradle');
  return {
    title: `${tool.name} ${task}`,
    command: tool.command,
    args: [...tool.args, '-q', '--console=plain', ...(hasTask ? [] : ['--init-script', script]), task],
    directory: folder.root,
    env: {},
    howToGet,
    ...(hasTask ? {} : { files: { [script]: installScript } }),
  };
}

/** The task of a plugin that leaves what is packed. */
export function taskOf(module: GradleModule): string {
  return inProject(module, module.build.hasSpringBoot ? 'bootJar' : 'installDist');
}

function inProject({ task: place }: GradleModule, task: string): string {
  return `:${place === '' ? '' : `${place.replaceAll('/', ':')}:`}${task}`;
}
