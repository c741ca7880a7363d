// Asks real package managers what their exact install says of a lock and a
// package.json that was changed afterwards. Each gets one workspace, one lock
// made by itself, and a list of changes; what it says is written, with all
// files, to TestInStepAgreesWithThePackageManagers/NAME.txtar:
//
//   node verdicts.mjs NAME COMMAND [ARGUMENT…]    e.g. npm-11 npm
//
// NAME is npm-11, yarn-1, yarn-4, pnpm-10, bun-1 and the like; npm-11-1 has npm
// 11 write a lock of version 1. It needs a
// registry; addresses of registries are taken out of what it writes.
import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

const [name, ...command] = process.argv.slice(2)
const manager = name === 'yarn-1' ? 'yarn-1' : name.split('-')[0]
const lockName = { npm: 'package-lock.json', pnpm: 'pnpm-lock.yaml', bun: 'bun.lock' }[manager] ?? 'yarn.lock'
const env = {
  ...process.env, CI: 'true', npm_config_omit_lockfile_registry_resolved: 'true', YARN_IGNORE_PATH: '1',
  YARN_ENABLE_TELEMETRY: '0', YARN_NODE_LINKER: 'node-modules', YARN_ENABLE_IMMUTABLE_INSTALLS: 'false'
}
const make = {
  npm: ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', `--lockfile-version=${name.split('-')[2] ?? 3}`],
  'yarn-1': ['install', '--non-interactive', '--ignore-scripts'],
  yarn: ['install', '--mode=update-lockfile'],
  pnpm: ['install', '--lockfile-only', '--ignore-scripts', '--no-frozen-lockfile'],
  bun: ['install', '--lockfile-only', '--ignore-scripts', '--save-text-lockfile']
}[manager]
const exact = {
  npm: ['ci', '--dry-run', '--ignore-scripts', '--no-audit'],
  'yarn-1': ['install', '--non-interactive', '--ignore-scripts', '--frozen-lockfile'],
  yarn: ['install', '--immutable', '--mode=skip-build'],
  pnpm: ['install', '--frozen-lockfile', '--ignore-scripts'],
  bun: ['install', '--frozen-lockfile', '--ignore-scripts']
}[manager]
const linked = manager === 'pnpm' || manager === 'yarn' ? 'workspace:^' : '^1.0.0'

const base = {
  'package.json': {
    name: 'shop', version: '1.0.0', private: true, workspaces: ['packages/*'],
    dependencies: { debug: '~4.3.4', 'is-odd': '^3.0.1', pad: 'npm:left-pad@^1.3.0' },
    devDependencies: { 'kind-of': '^6.0.0' },
    optionalDependencies: { 'color-name': '^1.1.3' }
  },
  'packages/util/package.json': { name: '@shop/util', version: '1.2.0', dependencies: { ms: '2.0.0' } },
  'packages/api/package.json': { name: 'api', version: '0.1.0', dependencies: { '@shop/util': linked, 'is-number': '^7.0.0' } }
}
if (manager === 'pnpm') base['pnpm-workspace.yaml'] = 'packages:\n  - packages/*\n'

const root = 'package.json'
const util = 'packages/util/package.json'
const api = 'packages/api/package.json'
const cases = {
  'nothing changed': () => {},
  'another version of the project itself': f => { f[root].version = '2.0.0' },
  'another name of the project itself': f => { f[root].name = 'store' },
  'a spec that the locked version meets': f => { f[root].dependencies.debug = '^4.3.0' },
  'a spec that it does not meet': f => { f[root].dependencies.debug = '^4.4.0' },
  'a spec of an older major version': f => { f[root].dependencies['is-odd'] = '^2.0.0' },
  'a star': f => { f[root].dependencies['is-odd'] = '*' },
  'a spec with spaces around it': f => { f[root].dependencies['is-odd'] = ' ^3.0.1 ' },
  'a tag': f => { f[root].dependencies['is-odd'] = 'latest' },
  'one dependency more': f => { f[root].dependencies['is-buffer'] = '^2.0.0' },
  'one dependency more, which is locked for others': f => { f[root].dependencies['is-number'] = '^6.0.0' },
  'one dependency more, locked in another version': f => { f[root].dependencies['is-number'] = '^4.0.0' },
  'one dependency less': f => { delete f[root].dependencies['is-odd'] },
  'one development dependency more': f => { f[root].devDependencies['is-buffer'] = '^2.0.0' },
  'one development dependency less': f => { delete f[root].devDependencies },
  'one optional dependency more': f => { f[root].optionalDependencies['is-buffer'] = '^2.0.0' },
  'one optional dependency less': f => { delete f[root].optionalDependencies },
  'one peer dependency more': f => { f[root].peerDependencies = { 'is-buffer': '^2.0.0' } },
  'one optional peer dependency more': f => {
    f[root].peerDependencies = { 'is-buffer': '^2.0.0' }
    f[root].peerDependenciesMeta = { 'is-buffer': { optional: true } }
  },
  'a development dependency that production needs now': f => {
    f[root].dependencies['kind-of'] = f[root].devDependencies['kind-of']
    delete f[root].devDependencies
  },
  'an optional dependency that is required now': f => {
    f[root].dependencies['color-name'] = f[root].optionalDependencies['color-name']
    delete f[root].optionalDependencies
  },
  'an alias with a range that is not met': f => { f[root].dependencies.pad = 'npm:left-pad@^1.0.0 <1.2.0' },
  'an alias of another package': f => { f[root].dependencies.pad = 'npm:is-buffer@^2.0.0' },
  'an alias that is none any more': f => { f[root].dependencies.pad = '^1.0.0' },
  'a member with a spec that is met': f => { f[api].dependencies['is-number'] = '^7.0.0 || ^8.0.0' },
  'a member with a spec that is not met': f => { f[util].dependencies.ms = '2.1.3' },
  'a member with one dependency more': f => { f[util].dependencies['is-buffer'] = '^2.0.0' },
  'a member with one dependency less': f => { delete f[api].dependencies['is-number'] },
  'a member more': f => { f['packages/new/package.json'] = { name: 'new', version: '1.0.0' } },
  'a member more with dependencies': f => { f['packages/new/package.json'] = { name: 'new', version: '1.0.0', dependencies: { ms: '2.0.0' } } },
  'a member less': f => { delete f[api] },
  'a member of another version': f => { f[util].version = '1.3.0' },
  'a member of a version that nobody asks for': f => { f[util].version = '2.0.0' },
  'a member of another name': f => { f[api].name = 'backend' }
}
if (manager === 'npm') {
  const listed = f => f[lockName].packages ?? {}
  cases['an override that is met'] = f => { f[root].overrides = { 'is-number': { '.': '>=6' } } }
  cases['an override of what others ask for that is not met'] = f => { f[root].overrides = { 'is-odd': { 'is-number': '5.0.0' } } }
  cases['an override of everything of that name'] = f => { delete f[api].dependencies['is-number']; f[root].overrides = { 'is-number': '5.0.0' } }
  cases['an override by reference'] = f => { f[root].overrides = { debug: '$debug' } }
  cases['a lock without a package that a package needs'] = f => {
    for (const location of Object.keys(listed(f))) if (location.endsWith('/is-number')) delete f[lockName].packages[location]
    delete f[api].dependencies['is-number']
  }
  cases['a lock with a package that does not fit'] = f => {
    f[lockName] = JSON.parse(text(f[lockName]).replaceAll('"version": "6.0.0"', '"version": "5.0.0"'))
  }
  cases['a lock with a package that nobody needs'] = f => { listed(f)['node_modules/is-buffer'] = { version: '2.0.5' } }
}
if (manager === 'yarn' || manager === 'yarn-1') {
  cases['a resolution'] = f => { f[root].resolutions = { 'is-number': '5.0.0' } }
}
if (manager === 'pnpm') {
  cases['an override'] = f => { f[root].pnpm = { overrides: { 'is-number': '5.0.0' } } }
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'verdicts-'))
const text = value => typeof value === 'string' ? value : JSON.stringify(value, null, 2) + '\n'
const plain = value => value.replace(/^ {2}resolved "https?:.*\n/gm, '')
const write = (where, files) => {
  for (const [file, value] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(where, file)), { recursive: true })
    fs.writeFileSync(path.join(where, file), text(value))
  }
}
const run = (where, args) => spawnSync(command[0], [...command.slice(1), ...args], { cwd: where, env, encoding: 'utf8', timeout: 120_000 })

const first = path.join(folder, 'first')
write(first, base)
const made = run(first, make)
if (made.status !== 0) throw new Error(`${made.stdout}${made.stderr}`)
const lock = plain(fs.readFileSync(path.join(first, lockName), 'utf8'))
const version = execFileSync(command[0], [...command.slice(1), '--version'], { cwd: folder, env, encoding: 'utf8' }).trim()
const files = { ...base, [lockName]: manager === 'npm' ? JSON.parse(lock) : lock }

let archive = `What the exact install of ${manager.split('-')[0]} ${version} says of one lock and changed package.json files.\nMade by testdata/verdicts.mjs.\n\n`
const archived = []
const add = (file, value) => archived.push(`-- ${file} --\n${text(value)}`)
for (const [file, value] of Object.entries(files)) add(`base/${file}`, value)
for (const [title, change] of Object.entries(cases)) {
  const changed = structuredClone(files)
  change(changed)
  const where = path.join(folder, title.replaceAll(' ', '-'))
  write(where, changed)
  const said = run(where, exact)
  const output = said.stdout + said.stderr
  const complaint = output.split('\n').find(line => /sync|frozen|immutable|YN0028|forbidden|outdated|not up to date|ERR_PNPM|code E/i.test(line)) ?? ''
  const verdict = said.status === 0 ? 'accepted' : 'refused'
  archive += `${verdict}: ${title}\n`
  console.error(verdict, '|', title, '|', said.status === 0 ? '' : complaint.slice(0, 150) || output.slice(-200))
  for (const [file, value] of Object.entries(changed)) {
    if (text(value) !== text(files[file] ?? '')) add(`${title}/${file}`, value)
  }
  for (const file of Object.keys(files)) if (!(file in changed)) add(`${title}/${file}`, '')
}
const target = path.join(import.meta.dirname, 'TestInStepAgreesWithThePackageManagers')
fs.mkdirSync(target, { recursive: true })
fs.writeFileSync(path.join(target, `${name}.txtar`), archive + '\n' + archived.join(''))
fs.rmSync(folder, { recursive: true })
