// The one entry of every npm script. It runs on whatever Node (18 or newer) is there, brings what the
// engine needs (Node 24, pnpm, packages, build), then hands over. A second call finds everything done.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, 'node_modules', '.bin');
const windows = process.platform === 'win32';
const requiredMajor = 24;

const say = (text) => process.stderr.write(`\u00b7 ${text}\n`);
const fail = (text) => {
  process.stderr.write(`\u2717 ${text}\n`);
  process.exit(1);
};

/** Runs a set-up step quietly; its output is shown only when it fails. */
function step(what, command, args, options = {}) {
  const started = Date.now();
  say(`${what} …`);
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', ...options });
  if (result.status !== 0) {
    process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error ?? ''}\n`);
    fail(`${what}: failed. Check the network and the npm registry, then try again.`);
  }
  say(`${what}: done in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

function npmInstall(what, folder) {
  const npm = windows ? 'npm.cmd' : 'npm';
  step(what, npm, ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: folder, shell: windows });
}

/** Path of a Node that is new enough: the running one, or one from the npm registry. */
function engineNode() {
  if (Number(process.versions.node.split('.')[0]) >= requiredMajor) return process.execPath;
  const folder = join(root, 'tools', 'node');
  const name = `node-${windows ? 'win' : process.platform}-${process.arch}`;
  const node = join(folder, 'node_modules', name, 'bin', windows ? 'node.exe' : 'node');
  if (!existsSync(node)) {
    const supported = Object.keys(
      JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).optionalDependencies,
    );
    if (!supported.includes(name)) {
      fail(
        `Millrace needs Node ${requiredMajor} or newer; this is ${process.version}, and no ${name} is published. Install Node ${requiredMajor} and try again.`,
      );
    }
    npmInstall(
      `Node ${process.version} is too old: taking Node ${requiredMajor} from the npm registry`,
      folder,
    );
  }
  return node;
}

/** What the installation depends on; a change of any of these makes the next call install again. */
function installFingerprint(node) {
  const hash = createHash('sha256').update(node).update(root);
  const manifests = ['packages', 'examples'].flatMap((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(root, folder, entry.name, 'package.json')),
  );
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json']
    .map((f) => join(root, f))
    .concat(manifests)) {
    if (existsSync(file)) hash.update(file).update(readFileSync(file));
  }
  return hash.digest('hex');
}

/** The commands in node_modules/.bin prefer a `node` that lies beside them, whatever is on the PATH. */
function linkNode(node) {
  const link = join(bin, windows ? 'node.exe' : 'node');
  rmSync(link, { force: true });
  symlinkSync(node, link);
}

function environment(node) {
  return { ...process.env, PATH: [bin, dirname(node), process.env.PATH].join(delimiter) };
}

/** Installs and builds what is missing or out of date. Returns the Node to run on. */
function setUp({ frozen = true } = {}) {
  const node = engineNode();
  const marker = join(root, 'node_modules', '.millrace-installed');
  const fingerprint = installFingerprint(node);
  if (!existsSync(marker) || readFileSync(marker, 'utf8') !== fingerprint) {
    const pnpm = join(root, 'tools', 'pnpm', 'node_modules', 'pnpm', 'bin', 'pnpm.mjs');
    if (!existsSync(pnpm)) npmInstall('Taking pnpm from the npm registry', join(root, 'tools', 'pnpm'));
    const args = [pnpm, 'install', frozen ? '--frozen-lockfile' : '--no-frozen-lockfile'];
    step('Installing packages', node, args, { env: environment(node) });
    mkdirSync(bin, { recursive: true });
    linkNode(node);
    writeFileSync(marker, installFingerprint(node));
  }
  const build = spawnSync(node, [join(root, 'scripts', 'build.mjs')], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: environment(node),
  });
  if (build.status !== 0) fail('The build failed; the lines above say where.');
  return node;
}

/** Replaces this process as far as Node can: same terminal, same signals, same exit code. */
function handOver(command, args, node) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit', env: environment(node) });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(String(error)));
  child.on('exit', (code, signal) => {
    if (signal) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    } else process.exitCode = code ?? 1;
  });
}

const [command, ...args] = process.argv.slice(2);
const script = (name) => join(root, 'scripts', name);
switch (command) {
  case 'setup': {
    setUp({ frozen: !args.includes('--update') });
    say('Ready: npx millrace --help');
    break;
  }
  case 'start': {
    const node = setUp();
    handOver(node, [script('start.mjs'), ...args], node);
    break;
  }
  case 'test': {
    const node = setUp();
    handOver(node, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...args], node);
    break;
  }
  case 'check': {
    const node = setUp();
    handOver(node, [script('check.mjs'), ...args], node);
    break;
  }
  case 'node': {
    const node = setUp();
    handOver(node, ['--conditions=@millrace/source', ...args], node);
    break;
  }
  case 'exec': {
    const node = setUp();
    handOver(join(bin, windows ? `${args[0]}.cmd` : args[0]), args.slice(1), node);
    break;
  }
  default:
    fail('usage: node scripts/dev.mjs setup [--update] | start | test | check | node FILE | exec COMMAND');
}
