import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { pythonRecipe } from '../../../../src/containerize/recipes/python/pythonRecipe.ts';
import { ProjectFolder } from '../../../../src/containerize/recipes/projectFolder.ts';
import { testIo } from '../../../support/io.ts';
import { newTempDir, removeTempDir } from '../../../support/tempDir.ts';
import { writeTree } from '../folder/packed.ts';

let root = '';

/** What an image starts, with the variables that its server reads. */
async function startOf(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  writeTree(root, files);
  const [project] = await pythonRecipe.detect(await ProjectFolder.open(root), testIo());
  assert.ok(project, 'no project');
  const build = { platforms: ['linux/amd64'], output: path.join(root, '..', 'out') };
  for (const { args } of await project.builds(build, testIo()))
    writeTree(args[args.indexOf('--target') + 1] ?? '', { 'x.py': '' });
  const { entrypoint, env } = (await project.image(build, testIo())).config;
  return [...(env ?? []).filter((one) => !one.startsWith('PYTHON')), ...(entrypoint ?? [])];
}

// As django-admin startproject writes it.
const manage = `#!/usr/bin/env python
import os
import sys


def main():
    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'mysite.settings')
`;
const fast = 'from fastapi import FastAPI\n\napp = FastAPI(title="x")\n';
const flask = 'from flask import Flask\n\napp: Flask = Flask(__name__)\n';
const bind = '--bind=0.0.0.0:8000';

describe('pythonRecipe, web applications', () => {
  beforeEach(async () => {
    root = path.join(fs.realpathSync(await newTempDir()), 'project');
    fs.mkdirSync(root);
  });
  afterEach(() => removeTempDir(path.dirname(root)));

  const cases: readonly (readonly [what: string, files: Readonly<Record<string, string>>, start: readonly string[]])[] =
    [
      [
        'Django with gunicorn',
        { 'manage.py': manage, 'mysite/wsgi.py': '', 'mysite/asgi.py': '', 'requirements.txt': 'django\ngunicorn==20' },
        ['python3', '-m', 'gunicorn', bind, 'mysite.wsgi:application'],
      ],
      [
        'Django with uvicorn, its settings in a package',
        {
          'manage.py': manage.replace('.settings', '.settings.prod'),
          'mysite/wsgi.py': '',
          'mysite/asgi.py': '',
          'requirements.txt': '-r base.txt\n',
          'base.txt': 'django\nuvicorn\n',
        },
        ['python3', '-m', 'uvicorn', '--host=0.0.0.0', '--port=8000', 'mysite.asgi:application'],
      ],
      [
        'Django without a server',
        { 'manage.py': manage, 'mysite/wsgi.py': '', 'requirements.txt': 'django' },
        ['python3', 'manage.py', 'runserver', '--noreload', '0.0.0.0:8000'],
      ],
      [
        'FastAPI',
        { 'main.py': fast, 'pyproject.toml': '[project]\nname="x"\ndependencies=["fastapi[standard]"]' },
        ['python3', '-m', 'uvicorn', '--host=0.0.0.0', '--port=8000', 'main:app'],
      ],
      [
        'FastAPI in a package',
        { 'app/__init__.py': '', 'app/main.py': fast, 'requirements.txt': 'fastapi\nuvicorn' },
        ['python3', '-m', 'uvicorn', '--host=0.0.0.0', '--port=8000', 'app.main:app'],
      ],
      [
        'FastAPI in the package of the project',
        {
          'src/shop_api/main.py': fast,
          'pyproject.toml': '[project]\nname="Shop-API"\ndependencies=["fastapi","uvicorn"]',
        },
        ['python3', '-m', 'uvicorn', '--host=0.0.0.0', '--port=8000', 'shop_api.main:app'],
      ],
      ['FastAPI without a server', { 'main.py': fast, 'requirements.txt': 'fastapi' }, ['python3', 'main.py']],
      [
        'FastAPI that runs itself',
        { 'main.py': `${fast}if __name__ == "__main__":\n    pass\n`, 'requirements.txt': 'fastapi\nuvicorn' },
        ['python3', 'main.py'],
      ],
      [
        'Flask with waitress',
        { 'app.py': flask, 'requirements.txt': 'Flask\nwaitress' },
        ['python3', '-m', 'waitress', '--listen=0.0.0.0:8000', 'app:app'],
      ],
      [
        'Flask alone',
        { 'server.py': flask, 'requirements.txt': 'Flask' },
        ['FLASK_APP=server:app', 'python3', '-m', 'flask', 'run', '--host=0.0.0.0', '--port=8000'],
      ],
      [
        'wsgi.py that takes its application from elsewhere',
        { 'wsgi.py': 'from shop import app as application  # for servers\n', 'requirements.txt': 'gunicorn' },
        ['python3', '-m', 'gunicorn', bind, 'wsgi:application'],
      ],
      ['a script', { 'app.py': 'app = 7\n', 'requirements.txt': 'gunicorn\nuvicorn' }, ['python3', 'app.py']],
    ];
  for (const [what, files, start] of cases) {
    it(`starts ${what}`, async () => assert.deepEqual(await startOf(files), start));
  }

  it('reads long files in time that grows with them', async () => {
    const text = `app${' '.repeat(200_000)}\n${'a:'.repeat(200_000)}\n${'x = FastAP('.repeat(50_000)}`;
    assert.deepEqual(await startOf({ 'app.py': text, 'manage.py': `DJANGO_SETTINGS_MODULE'${' '.repeat(200_000)}` }), [
      'python3',
      'app.py',
    ]);
  });
});
